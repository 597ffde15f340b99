package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// CloneVMTask gives a clone the settings and the annotation of its original, and then what its own specification says; the
// simulator forgets the former, and of the latter heeds only some.
func (m *machine) CloneVMTask(ctx *simulator.Context, req *types.CloneVM_Task) soap.HasFault {
	wanted := types.VirtualMachineConfigSpec{Annotation: m.Config.Annotation}
	if req.Spec.Config != nil {
		wanted = *req.Spec.Config
	}
	inherited := types.VirtualMachineConfigSpec{ExtraConfig: m.Config.ExtraConfig}
	rest := types.VirtualMachineConfigSpec{
		Annotation:                   wanted.Annotation,
		ExtraConfig:                  wanted.ExtraConfig,
		MemoryAllocation:             wanted.MemoryAllocation,
		MemoryReservationLockedToMax: wanted.MemoryReservationLockedToMax,
	}
	wanted.ExtraConfig = nil
	req.Spec.Config = &wanted
	task := simulator.CreateTask(m.VirtualMachine, "cloneVm",
		func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
			result, fault := wait(ctx, m.VirtualMachine.CloneVMTask(ctx, req))
			if fault != nil {
				return nil, fault
			}
			clone := ctx.Map.Get(result.(types.ManagedObjectReference)).(*simulator.VirtualMachine)
			for _, spec := range []types.VirtualMachineConfigSpec{inherited, rest} {
				reconfigure := &types.ReconfigVM_Task{This: clone.Self, Spec: spec}
				if _, fault := wait(ctx, clone.ReconfigVMTask(ctx, reconfigure)); fault != nil {
					return nil, fault
				}
			}
			return result, nil
		})
	return &methods.CloneVM_TaskBody{Res: &types.CloneVM_TaskResponse{Returnval: task.Run(ctx)}}
}

// wait gives what a task that was started ends in.
func wait(ctx *simulator.Context, started soap.HasFault) (types.AnyType, types.BaseMethodFault) {
	var ref types.ManagedObjectReference
	switch body := started.(type) {
	case *methods.CloneVM_TaskBody:
		if body.Fault_ != nil {
			return nil, body.Fault_.VimFault().(types.BaseMethodFault)
		}
		ref = body.Res.Returnval
	case *methods.ReconfigVM_TaskBody:
		ref = body.Res.Returnval
	case *methods.Destroy_TaskBody:
		ref = body.Res.Returnval
	}
	task := ctx.Map.Get(ref).(*simulator.Task)
	task.Wait()
	if task.Info.Error != nil {
		return nil, task.Info.Error.Fault
	}
	return task.Info.Result, nil
}
