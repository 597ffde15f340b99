// Command vcsim starts the vCenter simulator of govmomi for the tests, with the inventory it has by default, and adds what
// a deployment needs and the simulator lacks. Each file beside this one is one such thing.
//
// It takes what these tests use of the flags of govmomi's own command of that name. That command cannot be pinned here: it
// is a module of its own whose published versions refer to their neighbours by folder.
package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/vmware/govmomi/simulator"
)

// options are the flags.
type options struct {
	listen, username, password string
	esx, plain, addressed      bool
	folders                    bool
	uploadDelay                time.Duration
}

func parse() options {
	var o options
	flag.StringVar(&o.listen, "l", "127.0.0.1:8989", "address to listen on")
	flag.StringVar(&o.username, "username", "", "the only name that may log in; empty for any")
	flag.StringVar(&o.password, "password", "", "the password of that name")
	flag.BoolVar(&o.esx, "esx", false, "be a single ESX host instead of a vCenter")
	flag.BoolVar(&o.plain, "plain", false, "add nothing to the simulator")
	flag.BoolVar(&o.addressed, "addressed", false, "name hosts by addresses of this machine, and serve them there")
	flag.BoolVar(&o.folders, "folders", false, "sort everything into folders")
	flag.DurationVar(&o.uploadDelay, "upload-delay", 0, "let every upload wait so long before it is taken")
	flag.Parse()
	return o
}

func main() {
	o := parse()
	model := simulator.VPX()
	if o.esx {
		model = simulator.ESX()
	}
	if o.folders {
		model.Folder = 1
	}
	err := serve(model, o)
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
func serve(model *simulator.Model, o options) error {
	if !o.plain {
		model.ServiceContent.About = release(model.ServiceContent.About)
	}
	if err := model.Create(); err != nil {
		return err
	}
	if !o.plain {
		equip(model.Map())
		lay(model.Map())
		model.Service.HandleFunc("/screen", serveScreen(model.Map()))
	}
	model.Service.Listen = &url.URL{Host: o.listen, User: login(o.username, o.password)}
	model.Service.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)

	// Not closed in the end: that would wait for clients that are still waiting for updates.
	server := model.Service.NewServer()
	server.Config.Handler = delayUploads(server.Config.Handler, o.uploadDelay)
	if o.addressed {
		if err := address(model.Map(), server); err != nil {
			return err
		}
	}
	fmt.Println(server.URL.Redacted())
	<-stop
	return nil
}
