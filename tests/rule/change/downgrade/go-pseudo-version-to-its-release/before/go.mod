module git.example/acme/store

go 1.24

require (
	git.example/acme/wire v0.8.1-0.20260301120000-0123456789ab
)
