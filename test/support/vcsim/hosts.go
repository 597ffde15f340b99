package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/esx"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	memory = 256 << 30
	// Uplinks of the standard switch of each host, and as many again of its distributed switch.
	uplinks = 2
	cavium  = 0x177d
)

// release makes a server of the release that the simulator's hosts have: by itself it is one of 2016.
func release(about types.AboutInfo) types.AboutInfo {
	product := esx.HostConfigInfo.Product
	about.FullName = strings.ReplaceAll(about.FullName, about.Version, product.Version)
	about.Version = product.Version
	about.ApiVersion = product.ApiVersion
	about.LicenseProductVersion = product.LicenseProductVersion
	return about
}

// equip gives the hosts of a model what a deployment needs of them: the simulator's have 4 GB, one uplink and no card.
func equip(registry *simulator.Registry) {
	ctx := &simulator.Context{Map: registry}
	for _, entity := range registry.All("HostSystem") {
		host := entity.(*simulator.HostSystem)
		// Copied, because the simulator's hosts share what is below.
		hardware := *host.Hardware
		hardware.MemorySize = memory
		host.Hardware = &hardware
		host.Summary.Hardware.MemorySize = memory
		setUplinks(registry, host)
		setOptions(registry, host)
		insertCard(host)
		system := &passthroughSystem{host: host}
		system.PciPassthruInfo = host.Config.PciPassthruInfo
		ref := registry.Put(system).Reference()
		host.ConfigManager.PciPassthruSystem = &ref
		// The simulator keeps two descriptions of one network: from here on they are the same.
		network := registry.Get(*host.ConfigManager.NetworkSystem).(*simulator.HostNetworkSystem)
		network.NetworkInfo = host.Config.Network
		shareNetworks(ctx, network)
	}
	for _, entity := range registry.All("DistributedVirtualPortgroup") {
		complete(entity.(*simulator.DistributedVirtualPortgroup))
	}
}

func nicKey(number int) string {
	return fmt.Sprintf("key-vim.host.PhysicalNic-vmnic%d", number)
}

func setUplinks(registry *simulator.Registry, host *simulator.HostSystem) {
	network := host.Config.Network
	template := network.Pnic[0]
	network.Pnic = nil
	var keys []string
	for number := range 2 * uplinks {
		nic := template
		nic.Key = nicKey(number)
		nic.Device = fmt.Sprintf("vmnic%d", number)
		network.Pnic = append(network.Pnic, nic)
		keys = append(keys, nic.Key)
	}
	network.Vswitch[0].Pnic = keys[:uplinks]
	for _, entity := range registry.All("DistributedVirtualSwitch") {
		dvs := entity.(*simulator.DistributedVirtualSwitch)
		if slices.Contains(dvs.Summary.HostMember, host.Self) {
			network.ProxySwitch = append(network.ProxySwitch, types.HostProxySwitch{
				DvsUuid: dvs.Uuid,
				DvsName: dvs.Name,
				Key:     "key-vim.host.ProxySwitch-" + dvs.Name,
				Pnic:    keys[uplinks:],
			})
		}
	}
}

// shareNetworks tells a host's standard port groups to the networks of that name, as AddPortGroup does for later ones.
func shareNetworks(ctx *simulator.Context, system *simulator.HostNetworkSystem) {
	for _, group := range system.NetworkInfo.Portgroup {
		if network := findNetwork(ctx, group.Spec.Name); network != nil {
			joinNetwork(ctx, system.Host, network)
		}
	}
}

func insertCard(host *simulator.HostSystem) {
	card := types.HostPciDevice{
		Id:         "0000:3b:00.0",
		Bus:        0x3b,
		ClassId:    0x1000,
		VendorId:   cavium,
		DeviceId:   0x11,
		VendorName: "Cavium, Inc.",
		DeviceName: "Nitrox XL NPX",
	}
	host.Hardware.PciDevice = append(slices.Clone(host.Hardware.PciDevice), card)
	host.Config.PciPassthruInfo = append(
		slices.Clone(host.Config.PciPassthruInfo),
		&types.HostPciPassthruInfo{Id: card.Id, DependentDevice: card.Id, PassthruCapable: true},
	)
}

// hostOf gives the managed object behind a host.
func hostOf(ctx *simulator.Context, ref types.ManagedObjectReference) *simulator.HostSystem {
	host, _ := ctx.Map.Get(ref).(*simulator.HostSystem)
	return host
}

// computeOf gives the cluster or the single host that a host belongs to, and the networks that are noted there.
func computeOf(ctx *simulator.Context, host *mo.HostSystem) (mo.Reference, []types.ManagedObjectReference) {
	switch compute := ctx.Map.Get(*host.Parent).(type) {
	case *simulator.ClusterComputeResource:
		return compute, compute.Network
	case *mo.ComputeResource:
		return compute, compute.Network
	}
	return nil, nil
}
