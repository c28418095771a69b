module git.example/acme/store

go 1.24
