module git.example/acme/store

go 1.24

require (
	git.example/acme/wire v0.8.0
)
