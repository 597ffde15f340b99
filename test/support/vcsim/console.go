package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// machine has a keyboard and a screen; the simulator's virtual machines have neither.
type machine struct {
	*simulator.VirtualMachine
}

// keys counts what was typed on each machine, which is one pixel of its screen a key.
var keys sync.Map

// PutUsbScanCodes takes every key of a machine that is on.
func (m *machine) PutUsbScanCodes(req *types.PutUsbScanCodes) soap.HasFault {
	body := &methods.PutUsbScanCodesBody{}
	if fault := m.demandOn(); fault != nil {
		body.Fault_ = simulator.Fault("", fault)
		return body
	}
	count := len(req.Spec.KeyEvents)
	before, _ := keys.LoadOrStore(m.Self, 0)
	keys.Store(m.Self, before.(int)+count)
	body.Res = &types.PutUsbScanCodesResponse{Returnval: int32(count)}
	return body
}

func (m *machine) demandOn() types.BaseMethodFault {
	if m.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
		return nil
	}
	return &types.InvalidPowerState{
		RequestedState: types.VirtualMachinePowerStatePoweredOn,
		ExistingState:  m.Runtime.PowerState,
	}
}

// CreateScreenshotTask puts a picture of the screen beside the machine's files; its result is where.
func (m *machine) CreateScreenshotTask(ctx *simulator.Context, _ *types.CreateScreenshot_Task) soap.HasFault {
	task := simulator.CreateTask(m.VirtualMachine, "createScreenshot",
		func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
			if fault := m.demandOn(); fault != nil {
				return nil, fault
			}
			var home object.DatastorePath
			home.FromString(m.Summary.Config.VmPathName)
			for _, ref := range m.Datastore {
				datastore := ctx.Map.Get(ref).(*simulator.Datastore)
				if datastore.Name != home.Datastore {
					continue
				}
				home.Path = filepath.Join(filepath.Dir(home.Path), m.Self.Value+"-screen.png")
				file := filepath.Join(datastore.Summary.Url, home.Path)
				if err := os.WriteFile(file, picture(m.Self), 0o600); err != nil {
					return nil, &types.CannotAccessFile{FileFault: types.FileFault{File: home.String()}}
				}
				return home.String(), nil
			}
			return nil, &types.InvalidDatastore{Name: home.Datastore}
		})
	return &methods.CreateScreenshot_TaskBody{
		Res: &types.CreateScreenshot_TaskResponse{Returnval: task.Run(ctx)},
	}
}

// picture is a text screen in black, with a dot for every key that was typed.
func picture(vm types.ManagedObjectReference) []byte {
	screen := image.NewPaletted(image.Rect(0, 0, 720, 400), color.Palette{color.Black, color.White})
	typed, _ := keys.LoadOrStore(vm, 0)
	for key := range typed.(int) {
		screen.SetColorIndex(key%720, key/720%400, 1)
	}
	var out bytes.Buffer
	_ = png.Encode(&out, screen)
	return out.Bytes()
}

// serveScreen answers /screen?id=vm-7 for whoever has logged in.
func serveScreen(registry *simulator.Registry) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(soap.SessionCookieName)
		if err != nil || !isSession(registry, cookie.Value) {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		ref := types.ManagedObjectReference{Type: "VirtualMachine", Value: r.URL.Query().Get("id")}
		vm, ok := registry.Get(ref).(*simulator.VirtualMachine)
		if !ok || (&machine{vm}).demandOn() != nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(picture(ref))
	}
}

// isSession asks the session manager as a client would: it keeps its list to itself.
func isSession(registry *simulator.Registry, key string) bool {
	view := &simulator.Session{Registry: simulator.NewRegistry(), Map: registry}
	manager, ok := view.Get(registry.SessionManager().Self).(*simulator.SessionManager)
	if !ok {
		return false
	}
	for _, session := range manager.SessionList {
		if session.Key == key {
			return true
		}
	}
	return false
}
