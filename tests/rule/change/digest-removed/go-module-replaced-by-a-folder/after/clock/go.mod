module git.example/acme/clock

go 1.24
