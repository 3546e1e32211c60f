package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"reflect"
	"strings"
)

// The "+name=value" lines of a comment.
type markerList map[string][]string

func (m markerList) has(name string) bool { return len(m[name]) > 0 }

func (m markerList) first(name string) string {
	if !m.has(name) {
		return ""
	}
	return m[name][0]
}

// By package path, then by "Type" and "Type.Field".
var packages = map[string]map[string]markerList{}

func markersOf(t reflect.Type, field string) markerList {
	return sourceOf(t.PkgPath())[t.Name()+"."+field]
}

func typeMarkers(t reflect.Type) markerList { return sourceOf(t.PkgPath())[t.Name()] }

func sourceOf(path string) map[string]markerList {
	if path == "" {
		return nil
	}
	if known, ok := packages[path]; ok {
		return known
	}
	found := map[string]markerList{}
	packages[path] = found
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", path).Output()
	if err != nil {
		panic(err)
	}
	parsed, err := parser.ParseDir(token.NewFileSet(), strings.TrimSpace(string(dir)), nil, parser.ParseComments)
	if err != nil {
		panic(err)
	}
	for _, one := range parsed {
		for _, file := range one.Files {
			ast.Inspect(file, func(node ast.Node) bool {
				declaration, ok := node.(*ast.GenDecl)
				if !ok || declaration.Tok != token.TYPE {
					return true
				}
				for _, spec := range declaration.Specs {
					readType(spec.(*ast.TypeSpec), declaration.Doc, found)
				}
				return false
			})
		}
	}
	return found
}

func readType(spec *ast.TypeSpec, doc *ast.CommentGroup, into map[string]markerList) {
	into[spec.Name.Name] = read(doc, spec.Doc)
	body, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, field := range body.Fields.List {
		for _, name := range field.Names {
			into[spec.Name.Name+"."+name.Name] = read(field.Doc)
		}
	}
}

func read(groups ...*ast.CommentGroup) markerList {
	list := markerList{}
	for _, group := range groups {
		if group == nil {
			continue
		}
		for _, line := range group.List {
			text := strings.TrimSpace(strings.TrimPrefix(line.Text, "//"))
			if !strings.HasPrefix(text, "+") {
				continue
			}
			name, value, _ := strings.Cut(text[1:], "=")
			list[name] = append(list[name], value)
		}
	}
	return list
}
