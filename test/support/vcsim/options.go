package main

import (
	"reflect"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// The advanced options of a host that a deployment looks at, with what they are on a new one.
var hostDefaults = map[string]int64{
	"Net.ReversePathFwdCheck":        1,
	"Net.ReversePathFwdCheckPromisc": 0,
}

// hostOptions knows the names and types of a host's options; the simulator's takes any.
type hostOptions struct {
	*simulator.OptionManager
}

func isHostOptions(options *simulator.OptionManager) bool {
	return len(options.SupportedOption) > 0
}

func setOptions(registry *simulator.Registry, host *simulator.HostSystem) {
	options := registry.Get(*host.ConfigManager.AdvancedOption).(*simulator.OptionManager)
	for key, value := range hostDefaults {
		options.UpdateOptions(&types.UpdateOptions{
			ChangedValue: []types.BaseOptionValue{&types.OptionValue{Key: key, Value: value}},
		})
		options.SupportedOption = append(options.SupportedOption, types.OptionDef{
			ElementDescription: types.ElementDescription{Key: key},
			OptionType: &types.LongOption{
				OptionType:   types.OptionType{ValueIsReadonly: types.NewBool(false)},
				Min:          0,
				Max:          1,
				DefaultValue: value,
			},
		})
	}
}

// UpdateOptions sets options that exist, to values of their own types and ranges.
func (m *hostOptions) UpdateOptions(req *types.UpdateOptions) soap.HasFault {
	for _, change := range req.ChangedValue {
		if fault := m.check(change.GetOptionValue()); fault != nil {
			return &methods.UpdateOptionsBody{Fault_: simulator.Fault("", fault)}
		}
	}
	return m.OptionManager.UpdateOptions(req)
}

func (m *hostOptions) check(wanted *types.OptionValue) types.BaseMethodFault {
	// The simulator makes up options of its own for the containers that it can run hosts in.
	if strings.HasPrefix(wanted.Key, "RUN.") {
		return nil
	}
	for _, option := range m.Setting {
		is := option.GetOptionValue()
		if is.Key != wanted.Key {
			continue
		}
		if reflect.TypeOf(is.Value) != reflect.TypeOf(wanted.Value) || !m.isInRange(wanted) {
			return &types.InvalidArgument{InvalidProperty: wanted.Key}
		}
		return nil
	}
	return &types.InvalidName{Name: wanted.Key}
}

func (m *hostOptions) isInRange(wanted *types.OptionValue) bool {
	for _, option := range m.SupportedOption {
		long, ok := option.OptionType.(*types.LongOption)
		if value, isLong := wanted.Value.(int64); ok && isLong && option.Key == wanted.Key {
			return long.Min <= value && value <= long.Max
		}
	}
	return true
}
