package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// lease takes back what an import has made when it is aborted; the simulator's leaves the virtual machine behind.
type lease struct {
	*simulator.HttpNfcLease
}

// HttpNfcLeaseAbort ends the import and removes its virtual machine.
func (l *lease) HttpNfcLeaseAbort(ctx *simulator.Context, req *types.HttpNfcLeaseAbort) soap.HasFault {
	if l.Info != nil {
		if vm, ok := ctx.Map.Get(l.Info.Entity).(*simulator.VirtualMachine); ok {
			_, _ = wait(ctx, vm.DestroyTask(ctx, &types.Destroy_Task{This: vm.Self}))
		}
	}
	return l.HttpNfcLease.HttpNfcLeaseAbort(ctx, req)
}
