// Writes a table of the built-in Kubernetes types: for each field its JSON name, its protobuf number, flags, its type and how it
// merges, read from the struct tags and the markers in the comments of k8s.io/api. The API server of the lab reads requests, checks
// field names, merges patches and tracks field owners with it. With -docs it writes the descriptions of types and fields instead.
//
//	go run . > ../../apps/lab/src/kubernetes/api-server/generated/kubernetes-types.json
//	go run . -docs > ../../apps/lab/src/kubernetes/api-server/generated/kubernetes-docs.json
//
// Flags: i its fields lie in the object around it; p it may be absent, which is not the same as empty; r it is required.
// Merging: a owned as a whole; ls a set; lm=keys a list of items found by keys; pm=key, ps, pk how a strategic merge patch treats it
// (merged by key, merged as a set, only with the keys the patch retains); d=json its default.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	admission "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	autoscaling1 "k8s.io/api/autoscaling/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	batch "k8s.io/api/batch/v1"
	certificates "k8s.io/api/certificates/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	events "k8s.io/api/events/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	extensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var roots = []any{
	meta.DeleteOptions{},
	core.Binding{}, core.ConfigMap{}, core.Endpoints{}, core.Event{}, core.LimitRange{}, core.Namespace{}, core.Node{},
	core.PersistentVolume{}, core.PersistentVolumeClaim{}, core.Pod{}, core.PodTemplate{}, core.ReplicationController{},
	core.ResourceQuota{}, core.Secret{}, core.Service{}, core.ServiceAccount{},
	apps.ControllerRevision{}, apps.DaemonSet{}, apps.Deployment{}, apps.ReplicaSet{}, apps.StatefulSet{},
	authentication.SelfSubjectReview{}, authentication.TokenRequest{}, authentication.TokenReview{},
	authorization.LocalSubjectAccessReview{}, authorization.SelfSubjectAccessReview{}, authorization.SelfSubjectRulesReview{},
	authorization.SubjectAccessReview{},
	autoscaling1.Scale{}, autoscaling.HorizontalPodAutoscaler{},
	batch.CronJob{}, batch.Job{}, coordination.Lease{}, discovery.EndpointSlice{}, events.Event{},
	networking.Ingress{}, networking.IngressClass{}, networking.NetworkPolicy{},
	policy.Eviction{}, policy.PodDisruptionBudget{},
	rbac.ClusterRole{}, rbac.ClusterRoleBinding{}, rbac.Role{}, rbac.RoleBinding{},
	scheduling.PriorityClass{}, storage.CSIDriver{}, storage.CSINode{}, storage.StorageClass{},
	admission.MutatingWebhookConfiguration{}, admission.ValidatingWebhookConfiguration{},
	admission.ValidatingAdmissionPolicy{}, admission.ValidatingAdmissionPolicyBinding{},
	certificates.CertificateSigningRequest{},
	extensions.CustomResourceDefinition{},
}

// Types with a JSON form of their own.
var special = map[string]string{
	"meta.v1.Time": "time", "meta.v1.MicroTime": "micro-time", "meta.v1.Duration": "duration", "meta.v1.FieldsV1": "raw",
	"apiextensions.v1.JSON": "raw", "apiextensions.v1.JSONSchemaPropsOrArray": "raw", "apiextensions.v1.JSONSchemaPropsOrBool": "raw",
	"apiextensions.v1.JSONSchemaPropsOrStringArray": "raw",
	"resource.Quantity":                             "quantity", "intstr.IntOrString": "int-or-string", "runtime.RawExtension": "raw",
}

var table = map[string][]string{}

func nameOf(t reflect.Type) string {
	parts := strings.Split(t.PkgPath(), "/")
	last := parts[len(parts)-1]
	if len(parts) > 1 && strings.HasPrefix(last, "v") && len(last) > 1 && last[1] >= '0' && last[1] <= '9' {
		return parts[len(parts)-2] + "." + last + "." + t.Name()
	}
	return last + "." + t.Name()
}

func typeOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return typeOf(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "bytes"
		}
		return "[]" + typeOf(t.Elem())
	case reflect.Map:
		return "{}" + typeOf(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Float64, reflect.Float32:
		return "float"
	case reflect.Int, reflect.Int32, reflect.Int64, reflect.Uint32, reflect.Uint64:
		return "int"
	case reflect.Struct:
		name := nameOf(t)
		if known, ok := special[name]; ok {
			return known
		}
		walk(t)
		return name
	}
	panic(fmt.Sprintf("no form for %v", t))
}

func walk(t reflect.Type) {
	name := nameOf(t)
	if _, done := table[name]; done {
		return
	}
	table[name] = []string{}
	fields := []string{}
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		if !field.IsExported() || field.Type == reflect.TypeOf(meta.TypeMeta{}) {
			continue
		}
		tag := strings.Split(field.Tag.Get("json"), ",")
		jsonName := tag[0]
		if jsonName == "-" {
			continue
		}
		inline := jsonName == ""
		number := "0"
		if proto := strings.Split(field.Tag.Get("protobuf"), ","); len(proto) > 1 {
			number = proto[1]
		}
		flags := ""
		if inline {
			flags += "i"
		}
		if field.Type.Kind() == reflect.Pointer {
			flags += "p"
		}
		markers := markersOf(t, field.Name)
		if !inline && !strings.Contains(field.Tag.Get("json"), ",omit") && !markers.has("optional") {
			flags += "r"
		}
		parts := []string{jsonName, number, flags, typeOf(field.Type)}
		fields = append(fields, strings.Join(append(parts, merging(field, markers)...), " "))
		describe(name, jsonName, t)
	}
	table[name] = fields
}

// How a field merges, as the words after its type.
func merging(field reflect.StructField, markers markerList) []string {
	words := []string{}
	inner := field.Type
	for inner.Kind() == reflect.Pointer {
		inner = inner.Elem()
	}
	if inner.Kind() == reflect.Struct && typeMarkers(inner).first("structType") == "atomic" || markers.first("structType") == "atomic" ||
		markers.first("mapType") == "atomic" || inner.Kind() == reflect.Map && typeMarkers(inner).first("mapType") == "atomic" {
		words = append(words, "a")
	}
	switch markers.first("listType") {
	case "set":
		words = append(words, "ls")
	case "map":
		words = append(words, "lm="+strings.Join(markers["listMapKey"], ","))
	}
	strategy := strings.Split(field.Tag.Get("patchStrategy"), ",")
	for _, one := range strategy {
		switch key := field.Tag.Get("patchMergeKey"); {
		case one == "merge" && key != "":
			words = append(words, "pm="+key)
		case one == "merge":
			words = append(words, "ps")
		case one == "retainKeys":
			words = append(words, "pk")
		}
	}
	if value := markers.first("default"); value != "" && !strings.HasPrefix(value, "ref(") {
		words = append(words, "d="+value)
	}
	return words
}

var docs = map[string]string{}

// The descriptions the API publishes, from the generated SwaggerDoc methods.
func describe(typeName string, jsonName string, t reflect.Type) {
	method, ok := reflect.New(t).Interface().(interface{ SwaggerDoc() map[string]string })
	if !ok {
		return
	}
	texts := method.SwaggerDoc()
	if text := texts[""]; text != "" {
		docs[typeName] = text
	}
	if text := texts[jsonName]; text != "" && jsonName != "" {
		docs[typeName+"."+jsonName] = text
	}
}

func main() {
	for _, root := range roots {
		t := reflect.TypeOf(root)
		walk(t)
	}
	if len(os.Args) > 1 && os.Args[1] == "-docs" {
		text, _ := json.MarshalIndent(docs, "", " ")
		fmt.Println(string(text))
		return
	}
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	out := os.Stdout
	fmt.Fprintln(out, "{")
	for i, name := range names {
		line, _ := json.Marshal(table[name])
		comma := ","
		if i == len(names)-1 {
			comma = ""
		}
		fmt.Fprintf(out, "  %q: %s%s\n", name, line, comma)
	}
	fmt.Fprintln(out, "}")
}
