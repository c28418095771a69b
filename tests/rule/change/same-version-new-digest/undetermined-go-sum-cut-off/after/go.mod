module git.example/acme/store

go 1.24

require (
	git.example/acme/wire v0.8.0
	git.example/acme/clock v1.2.0 // indirect
)
