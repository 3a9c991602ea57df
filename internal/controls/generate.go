package controls

//go:generate go run ./newcontrol -list
