module git.example/acme/store

go 1.24

require (
	git.example/acme/wire v0.8.1-0.20260201120000-ba9876543210
)
