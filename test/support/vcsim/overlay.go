package main

import (
	"sync"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// overlay lays objects of ours over the simulator's. Each embeds the one it covers, so it adds or corrects methods and
// leaves the rest. They lie in the sessions: the simulator looks there first, and keeps its own objects for itself.
type overlay struct {
	mutex sync.Mutex
	// The sessions that see each covered object.
	covered map[types.ManagedObjectReference]map[*simulator.Registry]struct{}
}

// lay puts an overlay into a model that has been created.
func lay(registry *simulator.Registry) {
	o := &overlay{covered: make(map[types.ManagedObjectReference]map[*simulator.Registry]struct{})}
	registry.Handler = o.handle
	registry.AddHandler(o)
}

// handle covers the object of a call before the simulator looks for it.
func (o *overlay) handle(ctx *simulator.Context, method *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if ctx.Session == nil {
		return nil, nil
	}
	covering := cover(ctx.Session.Get(method.This))
	if covering == nil {
		return nil, nil
	}
	ctx.Session.Registry.Put(covering)
	o.mutex.Lock()
	defer o.mutex.Unlock()
	sessions := o.covered[method.This]
	if sessions == nil {
		sessions = make(map[*simulator.Registry]struct{})
		o.covered[method.This] = sessions
	}
	sessions[ctx.Session.Registry] = struct{}{}
	return nil, nil
}

// cover gives what lies over an object; nil where nothing does, or where it is one of ours already.
func cover(object mo.Reference) mo.Reference {
	switch object := object.(type) {
	case *simulator.HostNetworkSystem:
		return &hostNetwork{object}
	case *simulator.DistributedVirtualSwitch:
		return &distributedSwitch{object}
	case *simulator.DistributedVirtualPortgroup:
		return &distributedPortGroup{object}
	case *simulator.OptionManager:
		if isHostOptions(object) {
			return &hostOptions{object}
		}
	case *simulator.EnvironmentBrowser:
		return &environment{object}
	case *simulator.HttpNfcLease:
		return &lease{object}
	case *simulator.VirtualMachine:
		return &machine{object}
	}
	return nil
}

// Reference makes the overlay a listener of the registry.
func (o *overlay) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "Overlay", Value: "overlay"}
}

// PutObject is of no interest here.
func (o *overlay) PutObject(*simulator.Context, mo.Reference) {}

// UpdateObject is of no interest here.
func (o *overlay) UpdateObject(*simulator.Context, mo.Reference, []types.PropertyChange) {}

// RemoveObject uncovers an object that is gone, so that no session goes on seeing it. Sessions are touched for an object
// that is covered in them only, and with nothing locked: whoever logs out removes collectors while the session is locked.
func (o *overlay) RemoveObject(ctx *simulator.Context, ref types.ManagedObjectReference) {
	o.mutex.Lock()
	sessions := o.covered[ref]
	delete(o.covered, ref)
	o.mutex.Unlock()
	for session := range sessions {
		session.Remove(ctx, ref)
	}
}
