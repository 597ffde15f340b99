package main

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// hostNetwork has port groups of one name on several hosts, as real ones do, and changes them, which the simulator's has not.
type hostNetwork struct {
	*simulator.HostNetworkSystem
}

func findNetwork(ctx *simulator.Context, name string) *mo.Network {
	for _, entity := range ctx.Map.All("Network") {
		if network, ok := entity.(*mo.Network); ok && network.Name == name {
			return network
		}
	}
	return nil
}

// joinNetwork notes on both sides that a host has a network.
func joinNetwork(ctx *simulator.Context, host *mo.HostSystem, network *mo.Network) {
	if !slices.Contains(network.Host, host.Self) {
		ctx.Update(network, []types.PropertyChange{{Name: "host", Val: append(slices.Clone(network.Host), host.Self)}})
	}
	if !slices.Contains(host.Network, network.Self) {
		ctx.Update(hostOf(ctx, host.Self), []types.PropertyChange{
			{Name: "network", Val: append(slices.Clone(host.Network), network.Self)},
		})
	}
	compute, networks := computeOf(ctx, host)
	if compute != nil && !slices.Contains(networks, network.Self) {
		ctx.Update(compute, []types.PropertyChange{
			{Name: "network", Val: append(slices.Clone(networks), network.Self)},
		})
	}
}

func (s *hostNetwork) find(name string) *types.HostPortGroup {
	for i := range s.NetworkInfo.Portgroup {
		if s.NetworkInfo.Portgroup[i].Spec.Name == name {
			return &s.NetworkInfo.Portgroup[i]
		}
	}
	return nil
}

func (s *hostNetwork) virtualSwitch(name string) *types.HostVirtualSwitch {
	for i := range s.NetworkInfo.Vswitch {
		if s.NetworkInfo.Vswitch[i].Name == name {
			return &s.NetworkInfo.Vswitch[i]
		}
	}
	return nil
}

// AddPortGroup creates a port group, in the network of that name where another host has one.
func (s *hostNetwork) AddPortGroup(ctx *simulator.Context, req *types.AddPortGroup) soap.HasFault {
	body := &methods.AddPortGroupBody{}
	spec := req.Portgrp
	if s.find(spec.Name) != nil {
		body.Fault_ = simulator.Fault("", &types.AlreadyExists{Name: spec.Name})
		return body
	}
	above := s.virtualSwitch(spec.VswitchName)
	if above == nil || findNetwork(ctx, spec.Name) == nil {
		if res := s.HostNetworkSystem.AddPortGroup(ctx, req); res.Fault() != nil {
			return res
		}
	} else {
		key := "key-vim.host.PortGroup-" + spec.Name
		above.Portgroup = append(above.Portgroup, key)
		s.NetworkInfo.Portgroup = append(s.NetworkInfo.Portgroup, types.HostPortGroup{Key: key, Spec: spec})
	}
	s.compute(spec.Name)
	joinNetwork(ctx, s.Host, findNetwork(ctx, spec.Name))
	body.Res = &types.AddPortGroupResponse{}
	return body
}

// UpdatePortGroup replaces the whole specification of a port group.
func (s *hostNetwork) UpdatePortGroup(req *types.UpdatePortGroup) soap.HasFault {
	body := &methods.UpdatePortGroupBody{}
	group := s.find(req.PgName)
	if group == nil || s.virtualSwitch(req.Portgrp.VswitchName) == nil {
		body.Fault_ = simulator.Fault("", &types.NotFound{})
		return body
	}
	if req.Portgrp.Name != req.PgName {
		body.Fault_ = simulator.Fault("", &types.NotSupported{})
		return body
	}
	group.Spec = req.Portgrp
	s.compute(req.PgName)
	body.Res = &types.UpdatePortGroupResponse{}
	return body
}

// compute works out what holds in the end: a port group's own policy, and its switch's where it has none.
func (s *hostNetwork) compute(name string) {
	group := s.find(name)
	above := s.virtualSwitch(group.Spec.VswitchName)
	group.Vswitch = above.Key
	group.ComputedPolicy = group.Spec.Policy
	if above.Spec.Policy != nil {
		fillUnset(&group.ComputedPolicy, above.Spec.Policy)
	}
}
