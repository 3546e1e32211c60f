// Writes a table of the built-in Kubernetes types: for each field its JSON name, its protobuf number and its type, read from the
// struct tags of k8s.io/api. The API server of the lab reads requests and checks field names with it.
//
//	go run . > ../../apps/lab/src/kubernetes/api-server/generated/kubernetes-types.json
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
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	events "k8s.io/api/events/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var roots = []any{
	meta.DeleteOptions{},
	core.Binding{}, core.ConfigMap{}, core.Endpoints{}, core.Event{}, core.LimitRange{}, core.Namespace{}, core.Node{},
	core.PersistentVolume{}, core.PersistentVolumeClaim{}, core.Pod{}, core.PodTemplate{}, core.ReplicationController{},
	core.ResourceQuota{}, core.Secret{}, core.Service{}, core.ServiceAccount{},
	apps.ControllerRevision{}, apps.DaemonSet{}, apps.Deployment{}, apps.ReplicaSet{}, apps.StatefulSet{},
	authentication.SelfSubjectReview{}, authentication.TokenRequest{}, authentication.TokenReview{},
	authorization.SelfSubjectAccessReview{}, authorization.SubjectAccessReview{},
	autoscaling1.Scale{}, autoscaling.HorizontalPodAutoscaler{},
	batch.CronJob{}, batch.Job{}, coordination.Lease{}, discovery.EndpointSlice{}, events.Event{},
	networking.Ingress{}, networking.IngressClass{}, networking.NetworkPolicy{},
	policy.Eviction{}, policy.PodDisruptionBudget{},
	rbac.ClusterRole{}, rbac.ClusterRoleBinding{}, rbac.Role{}, rbac.RoleBinding{},
	scheduling.PriorityClass{}, storage.CSIDriver{}, storage.CSINode{}, storage.StorageClass{},
	admission.MutatingWebhookConfiguration{}, admission.ValidatingWebhookConfiguration{},
}

// Types with a JSON form of their own.
var special = map[string]string{
	"meta.v1.Time": "time", "meta.v1.MicroTime": "micro-time", "meta.v1.Duration": "duration", "meta.v1.FieldsV1": "raw",
	"resource.Quantity": "quantity", "intstr.IntOrString": "int-or-string", "runtime.RawExtension": "raw",
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
		fields = append(fields, strings.Join([]string{jsonName, number, flags, typeOf(field.Type)}, " "))
	}
	table[name] = fields
}

func main() {
	for _, root := range roots {
		t := reflect.TypeOf(root)
		walk(t)
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
