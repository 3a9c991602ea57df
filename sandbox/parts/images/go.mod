module sandbox/images

go 1.26.0
