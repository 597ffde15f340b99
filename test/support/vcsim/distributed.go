package main

import (
	"cmp"
	"strconv"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// distributedSwitch gives new port groups a version, and the defaults of a switch for what they do not say.
type distributedSwitch struct {
	*simulator.DistributedVirtualSwitch
}

func reject() *types.BoolPolicy {
	return &types.BoolPolicy{InheritablePolicy: types.InheritablePolicy{Inherited: true}, Value: types.NewBool(false)}
}

func defaultSetting() *types.VMwareDVSPortSetting {
	inherited := types.InheritablePolicy{Inherited: true}
	return &types.VMwareDVSPortSetting{
		Vlan: &types.VmwareDistributedVirtualSwitchVlanIdSpec{
			VmwareDistributedVirtualSwitchVlanSpec: types.VmwareDistributedVirtualSwitchVlanSpec{InheritablePolicy: inherited},
		},
		UplinkTeamingPolicy: &types.VmwareUplinkPortTeamingPolicy{
			InheritablePolicy: inherited,
			Policy:            &types.StringPolicy{InheritablePolicy: inherited, Value: "loadbalance_srcid"},
		},
		SecurityPolicy: &types.DVSSecurityPolicy{
			InheritablePolicy: inherited,
			AllowPromiscuous:  reject(),
			MacChanges:        reject(),
			ForgedTransmits:   reject(),
		},
		MacManagementPolicy: &types.DVSMacManagementPolicy{
			InheritablePolicy: inherited,
			AllowPromiscuous:  types.NewBool(false),
			MacChanges:        types.NewBool(false),
			ForgedTransmits:   types.NewBool(false),
		},
	}
}

// complete does the same for a port group that was there before.
func complete(group *simulator.DistributedVirtualPortgroup) {
	group.Config.ConfigVersion = "1"
	if setting, ok := group.Config.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok {
		fillUnset(setting, defaultSetting())
	}
}

// AddDVPortgroupTask creates port groups.
func (s *distributedSwitch) AddDVPortgroupTask(ctx *simulator.Context, req *types.AddDVPortgroup_Task) soap.HasFault {
	for i := range req.Spec {
		spec := &req.Spec[i]
		spec.ConfigVersion = "1"
		setting := defaultSetting()
		if wanted, ok := spec.DefaultPortConfig.(*types.VMwareDVSPortSetting); ok {
			fillUnset(wanted, setting)
			setting = wanted
		}
		spec.DefaultPortConfig = setting
	}
	return s.DistributedVirtualSwitch.AddDVPortgroupTask(ctx, req)
}

// distributedPortGroup keeps what a change does not mention; the simulator's forgets it.
type distributedPortGroup struct {
	*simulator.DistributedVirtualPortgroup
}

// ReconfigureDVPortgroupTask changes what the specification says, and refuses one that was made for an older version.
func (p *distributedPortGroup) ReconfigureDVPortgroupTask(
	ctx *simulator.Context, req *types.ReconfigureDVPortgroup_Task,
) soap.HasFault {
	is, spec := &p.Config, &req.Spec
	if spec.ConfigVersion != is.ConfigVersion {
		fault := simulator.Fault("", &types.ConcurrentAccess{})
		return &methods.ReconfigureDVPortgroup_TaskBody{Fault_: fault}
	}
	spec.Name = cmp.Or(spec.Name, is.Name)
	spec.NumPorts = cmp.Or(spec.NumPorts, is.NumPorts)
	spec.Type = cmp.Or(spec.Type, is.Type)
	spec.Description = cmp.Or(spec.Description, is.Description)
	spec.PortNameFormat = cmp.Or(spec.PortNameFormat, is.PortNameFormat)
	spec.BackingType = cmp.Or(spec.BackingType, is.BackingType)
	spec.VmVnicNetworkResourcePoolKey = cmp.Or(spec.VmVnicNetworkResourcePoolKey, is.VmVnicNetworkResourcePoolKey)
	spec.LogicalSwitchUuid = cmp.Or(spec.LogicalSwitchUuid, is.LogicalSwitchUuid)
	spec.SubnetId = cmp.Or(spec.SubnetId, is.SubnetId)
	if spec.AutoExpand == nil {
		spec.AutoExpand = is.AutoExpand
	}
	if spec.Policy == nil {
		spec.Policy = is.Policy
	}
	current, _ := is.DefaultPortConfig.(*types.VMwareDVSPortSetting)
	wanted, ok := spec.DefaultPortConfig.(*types.VMwareDVSPortSetting)
	if !ok {
		spec.DefaultPortConfig = is.DefaultPortConfig
	} else if current != nil {
		fillUnset(wanted, current)
	}
	version, _ := strconv.Atoi(is.ConfigVersion)
	is.ConfigVersion = strconv.Itoa(version + 1)
	return p.DistributedVirtualPortgroup.ReconfigureDVPortgroupTask(ctx, req)
}
