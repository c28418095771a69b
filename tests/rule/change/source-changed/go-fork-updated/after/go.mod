module git.example/acme/store

go 1.24

require (
	git.example/acme/wire v0.9.0
)

replace git.example/acme/wire => git.example/fork/wire v0.9.1
