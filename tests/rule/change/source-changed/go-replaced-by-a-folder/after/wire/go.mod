module git.example/acme/wire

go 1.24
