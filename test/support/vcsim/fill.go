package main

import "reflect"

// fillUnset gives a structure what it does not say, from another of its kind: pointers, lists and interfaces that are nil,
// at any depth. What it points to is copied before it is changed.
func fillUnset[T any](to, from *T) {
	fillStruct(reflect.ValueOf(to).Elem(), reflect.ValueOf(from).Elem())
}

func fillStruct(to, from reflect.Value) {
	for i := range to.NumField() {
		fillField(to.Field(i), from.Field(i))
	}
}

func fillField(to, from reflect.Value) {
	switch to.Kind() {
	case reflect.Struct:
		fillStruct(to, from)
	case reflect.Slice:
		if to.IsNil() {
			to.Set(from)
		}
	case reflect.Pointer, reflect.Interface:
		if to.IsNil() {
			to.Set(from)
		} else if !from.IsNil() {
			fillPointed(to, from)
		}
	}
}

func fillPointed(to, from reflect.Value) {
	is, was := to, from
	if to.Kind() == reflect.Interface {
		is, was = to.Elem(), from.Elem()
	}
	if is.Type() != was.Type() || is.Kind() != reflect.Pointer || is.Elem().Kind() != reflect.Struct {
		return
	}
	filled := reflect.New(is.Elem().Type())
	filled.Elem().Set(is.Elem())
	fillStruct(filled.Elem(), was.Elem())
	to.Set(filled)
}
