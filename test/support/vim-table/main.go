// Command vim-table prints what govmomi knows about the names on its standard input, for
// test/connect/govmomi/golden/vim-table.txt: data objects, enumerations, managed objects and operations, with their fields
// in the order of the wire. It reads the source of govmomi, which is generated from VMware's own schema, so that our table
// does not vouch for itself. From the root of the repository, whenever the table gets a new name:
//
//	grep -rhoE '^  [A-Z]\w+: ' src/connect/govmomi/schema | tr -d ': ' | sort -u |
//	  go run test/support/vim-table/main.go "$(go -C test/support/vcsim list -m -f '{{.Dir}}' github.com/vmware/govmomi)" \
//	  > test/connect/govmomi/golden/vim-table.txt
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// source is what the Go files of a folder declare.
type source struct {
	structs map[string]*ast.StructType
	aliases map[string]string
	enums   map[string][]string
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vim-table FOLDER_OF_GOVMOMI < names")
		os.Exit(2)
	}
	types, err := read(filepath.Join(os.Args[1], "vim25", "types"))
	if err == nil {
		var objects source
		if objects, err = read(filepath.Join(os.Args[1], "vim25", "mo")); err == nil {
			print(types, objects)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "vim-table:", err)
		os.Exit(1)
	}
}

func print(types, objects source) {
	for names := bufio.NewScanner(os.Stdin); names.Scan(); {
		name := names.Text()
		if object, ok := objects.structs[name]; ok {
			fmt.Println(line("object", name, object))
		} else if request, ok := types.structs[types.aliases[name]]; ok {
			answer := types.structs[name+"Response"]
			fmt.Println(strings.Join(append([]string{line("operation", name, request)}, fields(answer)...), " | "))
		} else if values, ok := types.enums[name]; ok {
			fmt.Println("enum", name, "|", strings.Join(values, " | "))
		} else if data, ok := types.structs[name]; ok {
			fmt.Println(line("type", name, data))
		}
	}
}

func line(kind, name string, of *ast.StructType) string {
	head := kind + " " + name
	if base := base(of); base != "" && base != "DynamicData" && base != "Self" {
		head += " : " + base
	}
	return strings.Join(append([]string{head}, fields(of)...), " | ")
}

// base is the type that a struct embeds.
func base(of *ast.StructType) string {
	for _, field := range of.Fields.List {
		if len(field.Names) == 0 {
			if name, ok := field.Type.(*ast.Ident); ok {
				return name.Name
			}
		}
	}
	return ""
}

// fields are "name type" with the table's marks: ? at most one, * any number, + at least one.
func fields(of *ast.StructType) []string {
	var all []string
	for _, field := range of.Fields.List {
		if len(field.Names) == 0 || field.Tag == nil || field.Names[0].Name == "This" || field.Names[0].Name == "Self" {
			continue
		}
		text, _ := strconv.Unquote(field.Tag.Value)
		tag := reflect.StructTag(text)
		name, rest, _ := strings.Cut(tag.Get("json"), ",")
		if xml := tag.Get("xml"); xml != "" {
			name, _, _ = strings.Cut(xml, ",")
		} else if mayBeUnset(field.Type) {
			rest = "omitempty"
		}
		all = append(all, name+" "+typeOf(field.Type, strings.Contains(rest, "omitempty")))
	}
	return all
}

// mayBeUnset tells a managed object's property that is always there: others are pointers, and a list may always be empty.
func mayBeUnset(expression ast.Expr) bool {
	switch expression.(type) {
	case *ast.StarExpr, *ast.ArrayType:
		return true
	}
	return false
}

var primitives = map[string]string{
	"int8": "byte", "byte": "byte", "uint8": "byte", "int16": "short", "int32": "int", "int64": "long",
	"float32": "float", "float64": "double", "bool": "boolean", "string": "string", "Time": "dateTime",
	"ManagedObjectReference": "ref", "AnyType": "anyType", "ByteSlice": "byte*",
}

func typeOf(expression ast.Expr, optional bool) string {
	switch of := expression.(type) {
	case *ast.ArrayType:
		mark := "+"
		if optional {
			mark = "*"
		}
		return typeOf(of.Elt, false) + mark
	case *ast.StarExpr:
		return typeOf(of.X, optional)
	case *ast.SelectorExpr:
		return typeOf(of.Sel, optional)
	case *ast.Ident:
		name, ok := primitives[of.Name]
		if !ok {
			name = strings.TrimPrefix(of.Name, "Base")
		}
		if optional {
			name += "?"
		}
		return name
	}
	return "?"
}

func read(folder string) (source, error) {
	found := source{map[string]*ast.StructType{}, map[string]string{}, map[string][]string{}}
	packages, err := parser.ParseDir(token.NewFileSet(), folder, nil, parser.SkipObjectResolution)
	for _, each := range packages {
		for path, file := range each.Files {
			if !strings.HasSuffix(path, "_test.go") {
				found.take(file)
			}
		}
	}
	return found, err
}

func (found source) take(file *ast.File) {
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			switch of := spec.(type) {
			case *ast.TypeSpec:
				switch kind := of.Type.(type) {
				case *ast.StructType:
					found.structs[of.Name.Name] = kind
				case *ast.Ident:
					found.aliases[of.Name.Name] = kind.Name
				}
			case *ast.ValueSpec:
				found.takeValue(general.Tok, of)
			}
		}
	}
}

// takeValue notes an enumeration's value, which is written as Type("value").
func (found source) takeValue(tok token.Token, of *ast.ValueSpec) {
	if tok != token.CONST || len(of.Values) != 1 {
		return
	}
	call, ok := of.Values[0].(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return
	}
	name, isName := call.Fun.(*ast.Ident)
	literal, isLiteral := call.Args[0].(*ast.BasicLit)
	if isName && isLiteral && literal.Kind == token.STRING {
		value, _ := strconv.Unquote(literal.Value)
		found.enums[name.Name] = append(found.enums[name.Name], value)
	}
}
