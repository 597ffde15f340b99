package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sort"
	"strconv"

	"github.com/vmware/govmomi/simulator"
)

// address gives each host an address of this machine as its name, 127.0.0.2 and so on, and serves it there: the names that
// the simulator makes up lead nowhere, and a deployment looks whether it reaches the hosts themselves.
func address(registry *simulator.Registry, server *simulator.Server) error {
	_, text, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return err
	}
	hosts := registry.All("HostSystem")
	sort.Slice(hosts, func(i, j int) bool { return hosts[i].Entity().Name < hosts[j].Entity().Name })
	for number, entity := range hosts {
		host := entity.(*simulator.HostSystem)
		name := fmt.Sprintf("127.0.0.%d", number+2)
		host.Name = name
		host.Summary.Config.Name = name
		host.Summary.Config.Port = int32(port)
		listener, err := net.Listen("tcp", net.JoinHostPort(name, text))
		if err != nil {
			return err
		}
		go func() { _ = http.Serve(tls.NewListener(listener, server.TLS), server.Config.Handler) }()
	}
	return nil
}
