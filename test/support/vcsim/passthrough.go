package main

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// passthroughSystem lets a host hand its cards to virtual machines. The simulator refers to one, but has none.
type passthroughSystem struct {
	mo.HostPciPassthruSystem
	host *simulator.HostSystem
}

// UpdatePassthruConfig marks cards, or takes the mark away; it takes effect at once.
func (s *passthroughSystem) UpdatePassthruConfig(
	ctx *simulator.Context, req *types.UpdatePassthruConfig,
) soap.HasFault {
	body := &methods.UpdatePassthruConfigBody{}
	infos := slices.Clone(s.host.Config.PciPassthruInfo)
	for _, change := range req.Config {
		wanted := change.GetHostPciPassthruConfig()
		at := slices.IndexFunc(infos, func(info types.BaseHostPciPassthruInfo) bool {
			return info.GetHostPciPassthruInfo().Id == wanted.Id
		})
		if at < 0 {
			body.Fault_ = simulator.Fault("", &types.NotFound{})
			return body
		}
		info := *infos[at].GetHostPciPassthruInfo()
		info.PassthruEnabled = wanted.PassthruEnabled
		info.PassthruActive = wanted.PassthruEnabled
		infos[at] = &info
	}
	s.PciPassthruInfo = infos
	ctx.Update(s.host, []types.PropertyChange{{Name: "config.pciPassthruInfo", Val: infos}})
	body.Res = &types.UpdatePassthruConfigResponse{}
	return body
}

// Refresh has nothing to look for.
func (s *passthroughSystem) Refresh(*types.Refresh) soap.HasFault {
	return &methods.RefreshBody{Res: &types.RefreshResponse{}}
}

// environment offers the cards that are marked for passthrough.
type environment struct {
	*simulator.EnvironmentBrowser
}

// QueryConfigTarget tells what virtual machines on a host, or on any of a cluster's, can be given.
func (e *environment) QueryConfigTarget(ctx *simulator.Context, req *types.QueryConfigTarget) soap.HasFault {
	res := e.EnvironmentBrowser.QueryConfigTarget(ctx, req)
	body, ok := res.(*methods.QueryConfigTargetBody)
	if !ok || body.Res == nil || body.Res.Returnval == nil || req.Host == nil {
		return res
	}
	// The simulator may hand out an answer that it keeps.
	target := *body.Res.Returnval
	target.PciPassthrough = offers(hostOf(ctx, *req.Host))
	return &methods.QueryConfigTargetBody{Res: &types.QueryConfigTargetResponse{Returnval: &target}}
}

func offers(host *simulator.HostSystem) []types.BaseVirtualMachinePciPassthroughInfo {
	var list []types.BaseVirtualMachinePciPassthroughInfo
	for _, entry := range host.Config.PciPassthruInfo {
		info := entry.GetHostPciPassthruInfo()
		if !info.PassthruActive {
			continue
		}
		for _, card := range host.Hardware.PciDevice {
			if card.Id == info.Id {
				list = append(list, &types.VirtualMachinePciPassthroughInfo{
					VirtualMachineTargetInfo: types.VirtualMachineTargetInfo{Name: card.Id},
					PciDevice:                card,
					SystemId:                 host.Hardware.SystemInfo.Uuid,
				})
			}
		}
	}
	return list
}
