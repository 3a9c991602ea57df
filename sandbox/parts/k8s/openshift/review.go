package openshift

import (
	"net/http"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

// A localReview asks who may do something in a namespace.
type localReview struct {
	Namespace        string `json:"namespace"`
	Verb             string `json:"verb"`
	Group            string `json:"resourceAPIGroup"`
	Version          string `json:"resourceAPIVersion"`
	Resource         string `json:"resource"`
	ResourceName     string `json:"resourceName"`
	Path             string `json:"path"`
	IsNonResourceURL bool   `json:"isNonResourceURL"`
}

// A reviewed names them. The name of its last field is OpenShift's, and it is always there.
type reviewed struct {
	metav1.TypeMeta `json:",inline"`
	Namespace       string   `json:"namespace,omitempty"`
	Users           []string `json:"users"`
	Groups          []string `json:"groups"`
	EvaluationError string   `json:"evalutionError"`
}

// review answers with everyone who may, through bindings of the cluster too: by right of a group, its members are not
// known here.
func (s *server) review(w http.ResponseWriter, r *http.Request, _ user.Info) error {
	var in localReview
	if err := read(r, &in); err != nil {
		return err
	}
	var wrong field.ErrorList
	if in.Verb == "" {
		wrong = append(wrong, field.Required(field.NewPath("verb"), ""))
	}
	switch {
	case in.IsNonResourceURL && in.Path == "":
		wrong = append(wrong, field.Required(field.NewPath("path"), ""))
	case in.IsNonResourceURL && in.Resource != "":
		wrong = append(wrong, field.Invalid(field.NewPath("resource"), in.Resource, "resource may not be specified with non resource URLs"))
	case !in.IsNonResourceURL && in.Resource == "":
		wrong = append(wrong, field.Required(field.NewPath("resource"), ""))
	case !in.IsNonResourceURL && in.Path != "":
		wrong = append(wrong, field.Invalid(field.NewPath("path"), in.Path, "path may only be specified with non resource URLs"))
	}
	if len(wrong) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Group: "authorization.openshift.io", Kind: "LocalResourceAccessReview"}, "", wrong)
	}
	namespace := r.PathValue("namespace")
	if in.Namespace != "" && in.Namespace != namespace {
		return apierrors.NewInternalError(field.Invalid(field.NewPath("namespace"), in.Namespace, "namespace must be: "+namespace))
	}
	resource, sub, _ := strings.Cut(in.Resource, "/")
	subjects, err := s.subjects.AllowedSubjects(r.Context(), &authorizer.AttributesRecord{
		Verb: in.Verb, Namespace: namespace, APIGroup: in.Group, APIVersion: in.Version, Resource: resource, Subresource: sub, Name: in.ResourceName,
		ResourceRequest: !in.IsNonResourceURL, Path: in.Path,
	})
	users, groups := who(subjects, namespace)
	out := reviewed{
		TypeMeta:  metav1.TypeMeta{Kind: "ResourceAccessReviewResponse", APIVersion: "authorization.openshift.io/v1"},
		Namespace: namespace, Users: sets.List(users), Groups: sets.List(groups),
	}
	if err != nil {
		out.EvaluationError = err.Error()
	}
	return answer(w, http.StatusCreated, out)
}

// who tells the users and groups of subjects. A service account that names no namespace is one of here.
func who(subjects []rbacv1.Subject, here string) (users, groups sets.Set[string]) {
	users, groups = sets.New[string](), sets.New[string]()
	for _, s := range subjects {
		switch {
		case s.APIGroup == rbacv1.GroupName && s.Kind == rbacv1.GroupKind:
			groups.Insert(s.Name)
		case s.APIGroup == rbacv1.GroupName && s.Kind == rbacv1.UserKind:
			users.Insert(s.Name)
		case s.APIGroup == "" && s.Kind == rbacv1.ServiceAccountKind:
			if s.Namespace == "" {
				s.Namespace = here
			}
			users.Insert(serviceaccount.MakeUsername(s.Namespace, s.Name))
		}
	}
	return users, groups
}
