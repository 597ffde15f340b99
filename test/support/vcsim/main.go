// Command vcsim starts the vCenter simulator of govmomi for the tests, with the inventory it has by default.
//
// It takes what these tests use of the flags of govmomi's own command of that name, so that either will do. That command
// cannot be pinned here: it is a module of its own whose published versions refer to their neighbours by folder.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/vmware/govmomi/simulator"
)

func main() {
	listen := flag.String("l", "127.0.0.1:8989", "address to listen on")
	username := flag.String("username", "", "the only name that may log in; empty for any")
	password := flag.String("password", "", "the password of that name")
	esx := flag.Bool("esx", false, "be a single ESX host instead of a vCenter")
	flag.Parse()

	model := simulator.VPX()
	if *esx {
		model = simulator.ESX()
	}
	err := serve(model, &url.URL{Host: *listen, User: login(*username, *password)})
	model.Remove()
	if err != nil {
		fmt.Fprintln(os.Stderr, "vcsim:", err)
		os.Exit(1)
	}
}

func login(username, password string) *url.Userinfo {
	if username == "" {
		return nil
	}
	return url.UserPassword(username, password)
}

// serve runs until somebody asks it to stop; its address is the first line of the output.
func serve(model *simulator.Model, listen *url.URL) error {
	if err := model.Create(); err != nil {
		return err
	}
	model.Service.Listen = listen
	model.Service.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)

	server := model.Service.NewServer()
	defer server.Close()
	fmt.Println(server.URL.Redacted())
	<-stop
	return nil
}
