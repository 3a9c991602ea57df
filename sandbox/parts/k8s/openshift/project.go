package openshift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/client-go/util/retry"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
)

// A project is a namespace by another name: it has its metadata, finalizers and phase.
type project struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              corev1.NamespaceSpec   `json:"spec,omitempty"`
	Status            corev1.NamespaceStatus `json:"status,omitempty"`
}

type projectList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []project `json:"items"`
}

type projectRequest struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	DisplayName       string `json:"displayName,omitempty"`
	Description       string `json:"description,omitempty"`
}

var (
	projects    = schema.GroupResource{Group: "project.openshift.io", Resource: "projects"}
	projectKind = metav1.TypeMeta{Kind: "Project", APIVersion: "project.openshift.io/v1"}
)

// Annotations that OpenShift keeps for people. These two are all that a project's own API may change.
const (
	displayName = "openshift.io/display-name"
	description = "openshift.io/description"
	requester   = "openshift.io/requester"
)

// origin is the finalizer of what was made as a project.
const origin corev1.FinalizerName = "openshift.io/origin"

func ofNamespace(n *corev1.Namespace) project {
	return project{TypeMeta: projectKind, ObjectMeta: n.ObjectMeta, Spec: n.Spec, Status: n.Status}
}

func (p *project) namespace() *corev1.Namespace {
	n := &corev1.Namespace{ObjectMeta: p.ObjectMeta, Spec: p.Spec, Status: p.Status}
	if n.Annotations == nil {
		n.Annotations = map[string]string{}
	}
	n.Annotations[displayName] = p.Annotations[displayName] // OpenShift writes it even where it is empty
	return n
}

// visible are the namespaces that a user may get, by name: a project that one may not read is not listed.
func (s *server) visible(ctx context.Context, user user.Info, selector labels.Selector) ([]*corev1.Namespace, error) {
	all, err := s.namespaces.List(selector)
	if err != nil {
		return nil, err
	}
	var out []*corev1.Namespace
	for _, n := range all {
		// A binding whose role is missing is an error beside the subjects of the others.
		subjects, _ := s.subjects.AllowedSubjects(ctx, &authorizer.AttributesRecord{Verb: "get", Namespace: n.Name, Resource: "namespaces", Name: n.Name, ResourceRequest: true})
		users, groups := who(subjects, n.Name)
		if users.Has(user.GetName()) || groups.HasAny(user.GetGroups()...) {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b *corev1.Namespace) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// listProjects lists, or watches, what the user may see. As in OpenShift a list takes no notice of a field selector.
func (s *server) listProjects(w http.ResponseWriter, r *http.Request, user user.Info) error {
	query := r.URL.Query()
	selector, err := labels.Parse(query.Get("labelSelector"))
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if watch := query.Get("watch"); watch == "true" || watch == "1" {
		return s.watchProjects(w, r, user, selector)
	}
	seen, err := s.visible(r.Context(), user, selector)
	if err != nil {
		return err
	}
	if wantsTable(r) {
		return answer(w, http.StatusOK, table(seen))
	}
	list := projectList{TypeMeta: metav1.TypeMeta{Kind: "ProjectList", APIVersion: "project.openshift.io/v1"}, Items: []project{}}
	for _, n := range seen {
		p := ofNamespace(n)
		p.TypeMeta = metav1.TypeMeta{} // an item of a list does not say its kind
		list.Items = append(list.Items, p)
	}
	return answer(w, http.StatusOK, list)
}

// watchProjects tells what comes, changes and goes, also by a change of rights. What is there already is told only to who
// asks from resource version 0.
func (s *server) watchProjects(w http.ResponseWriter, r *http.Request, user user.Info, selector labels.Selector) error {
	if r.URL.Query().Has("sendInitialEvents") {
		// A client that asks for a list by way of a watch waits for a bookmark at its end; refused, it lists first.
		return apierrors.NewInvalid(schema.GroupKind{Group: "meta.k8s.io", Kind: "ListOptions"}, "", field.ErrorList{
			field.Forbidden(field.NewPath("sendInitialEvents"), "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"),
		})
	}
	match, err := fields.ParseSelector(r.URL.Query().Get("fieldSelector"))
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	flush, ok := w.(http.Flusher)
	if !ok {
		return errors.New("this connection cannot be watched")
	}
	w.Header().Set("Content-Type", "application/json")
	flush.Flush()
	out := json.NewEncoder(w)
	known, quiet := map[string]string{}, r.URL.Query().Get("resourceVersion") != "0"
	for {
		next := s.changes.wait()
		seen, err := s.visible(r.Context(), user, selector)
		if err != nil {
			return nil // the answer has begun: its end is all that can be told
		}
		gone := map[string]bool{}
		for name := range known {
			gone[name] = true
		}
		var events []metav1.WatchEvent
		event := func(what string, n *corev1.Namespace) {
			if match.Matches(fields.Set{"metadata.name": n.Name, "status.phase": string(n.Status.Phase)}) {
				p := ofNamespace(n)
				events = append(events, metav1.WatchEvent{Type: what, Object: runtime.RawExtension{Object: &p}})
			}
		}
		for _, n := range seen {
			delete(gone, n.Name)
			switch version, old := known[n.Name]; {
			case !old:
				event("ADDED", n)
			case version != n.ResourceVersion:
				event("MODIFIED", n)
			}
			known[n.Name] = n.ResourceVersion
		}
		for name := range gone {
			delete(known, name)
			event("DELETED", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
		}
		for _, e := range events {
			if quiet {
				break
			}
			if err := out.Encode(e); err != nil {
				return nil // the caller is gone
			}
		}
		quiet = false
		flush.Flush()
		select {
		case <-r.Context().Done():
			return nil
		case <-next:
		}
	}
}

// DeepCopyObject makes a project one of the objects that an event may carry.
func (p *project) DeepCopyObject() runtime.Object {
	c := project{TypeMeta: p.TypeMeta}
	p.ObjectMeta.DeepCopyInto(&c.ObjectMeta)
	p.Spec.DeepCopyInto(&c.Spec)
	p.Status.DeepCopyInto(&c.Status)
	return &c
}

func wantsTable(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "as=Table") }

// table is what kubectl prints: the columns are OpenShift's.
func table(all []*corev1.Namespace) metav1.Table {
	t := metav1.Table{TypeMeta: metav1.TypeMeta{Kind: "Table", APIVersion: "meta.k8s.io/v1"}, Rows: []metav1.TableRow{}, ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Format: "name"}, {Name: "Display Name", Type: "string"}, {Name: "Status", Type: "string"},
	}}
	for _, n := range all {
		head := &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: "meta.k8s.io/v1"}, ObjectMeta: n.ObjectMeta}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{n.Name, n.Annotations[displayName], string(n.Status.Phase)}, Object: runtime.RawExtension{Object: head}})
	}
	return t
}

// own is an error of a namespace told as one of the project.
func own(err error, name string) error {
	switch {
	case apierrors.IsNotFound(err):
		return apierrors.NewNotFound(projects, name)
	case apierrors.IsAlreadyExists(err):
		return apierrors.NewAlreadyExists(projects, name)
	}
	return err
}

func (s *server) getProject(w http.ResponseWriter, r *http.Request, _ user.Info) error {
	n, err := s.client.CoreV1().Namespaces().Get(r.Context(), r.PathValue("name"), metav1.GetOptions{})
	if err != nil {
		return own(err, r.PathValue("name"))
	}
	if wantsTable(r) {
		return answer(w, http.StatusOK, table([]*corev1.Namespace{n}))
	}
	return answer(w, http.StatusOK, ofNamespace(n))
}

func dryRun(r *http.Request) []string { return r.URL.Query()["dryRun"] }

func (s *server) createProject(w http.ResponseWriter, r *http.Request, _ user.Info) error {
	var p project
	if err := read(r, &p); err != nil {
		return err
	}
	made, err := s.create(r.Context(), p, dryRun(r))
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, ofNamespace(made))
}

func (s *server) create(ctx context.Context, p project, dry []string) (*corev1.Namespace, error) {
	if !slices.Contains(p.Spec.Finalizers, origin) {
		p.Spec.Finalizers = append(p.Spec.Finalizers, origin)
	}
	if wrong := valid(&p); len(wrong) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Group: projects.Group, Kind: "Project"}, p.Name, wrong)
	}
	made, err := s.client.CoreV1().Namespaces().Create(ctx, p.namespace(), metav1.CreateOptions{DryRun: dry})
	return made, own(err, p.Name)
}

func valid(p *project) field.ErrorList {
	wrong := validation.ValidateObjectMeta(&p.ObjectMeta, false, func(name string, prefix bool) []string {
		if len(name) < 2 {
			return []string{"must be at least 2 characters long"}
		}
		return validation.ValidateNamespaceName(name, prefix)
	}, field.NewPath("metadata"))
	if strings.ContainsAny(p.Annotations[displayName], "\n\t") {
		wrong = append(wrong, field.Invalid(field.NewPath("metadata", "annotations").Key(displayName), p.Annotations[displayName], "may not contain a new line or tab"))
	}
	return wrong
}

// validUpdate holds that nothing but the two annotations for people changes.
func validUpdate(now, old *project) field.ErrorList {
	wrong := append(validation.ValidateObjectMetaUpdate(&now.ObjectMeta, &old.ObjectMeta, field.NewPath("metadata")), valid(now)...)
	same := func(what string, now, old map[string]string, free ...string) {
		for _, key := range slices.Sorted(keys(now, old)) {
			value, has := now[key]
			before, had := old[key]
			if (has != had || value != before) && !slices.Contains(free, key) {
				wrong = append(wrong, field.Invalid(field.NewPath("metadata", what).Key(key), value, "field is immutable, try updating the namespace"))
			}
		}
	}
	same("annotations", now.Annotations, old.Annotations, displayName, description)
	same("labels", now.Labels, old.Labels)
	return wrong
}

// keys are those of both maps, each once.
func keys(a, b map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range a {
			if !yield(key) {
				return
			}
		}
		for key := range b {
			if _, both := a[key]; !both && !yield(key) {
				return
			}
		}
	}
}

// update changes a project as change says, from what it is now.
func (s *server) update(ctx context.Context, name string, dry []string, change func(old project) (project, error)) (*corev1.Namespace, error) {
	was, err := s.client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, own(err, name)
	}
	old := ofNamespace(was)
	now, err := change(old)
	if err != nil {
		return nil, err
	}
	now.Spec, now.Status = old.Spec, old.Status
	if wrong := validUpdate(&now, &old); len(wrong) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Group: projects.Group, Kind: "Project"}, name, wrong)
	}
	if apiequality.Semantic.DeepEqual(now.ObjectMeta, old.ObjectMeta) {
		return was, nil
	}
	made, err := s.client.CoreV1().Namespaces().Update(ctx, now.namespace(), metav1.UpdateOptions{DryRun: dry})
	return made, own(err, name)
}

func (s *server) updateProject(w http.ResponseWriter, r *http.Request, _ user.Info) error {
	var sent project
	if err := read(r, &sent); err != nil {
		return err
	}
	if sent.Name != r.PathValue("name") {
		return apierrors.NewBadRequest("the name of the object does not match the name on the URL")
	}
	made, err := s.update(r.Context(), sent.Name, dryRun(r), func(project) (project, error) { return sent, nil })
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, ofNamespace(made))
}

func (s *server) patchProject(w http.ResponseWriter, r *http.Request, _ user.Info) error {
	patch, err := io.ReadAll(io.LimitReader(r.Body, largest))
	if err != nil {
		return err
	}
	apply := func(old []byte) ([]byte, error) {
		switch kind := types.PatchType(r.Header.Get("Content-Type")); kind {
		case types.MergePatchType:
			return jsonpatch.MergePatch(old, patch)
		case types.StrategicMergePatchType:
			return strategicpatch.StrategicMergePatch(old, patch, project{})
		case types.JSONPatchType:
			p, err := jsonpatch.DecodePatch(patch)
			if err != nil {
				return nil, err
			}
			return p.Apply(old)
		default:
			return nil, unsupported(string(kind))
		}
	}
	var made *corev1.Namespace
	// A patch says no version: where another change comes in between, it is made again.
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		made, err = s.update(r.Context(), r.PathValue("name"), dryRun(r), func(old project) (now project, err error) {
			text, err := json.Marshal(old)
			if err != nil {
				return now, err
			}
			if text, err = apply(text); err != nil {
				if status := apierrors.APIStatus(nil); errors.As(err, &status) {
					return now, err
				}
				return now, apierrors.NewBadRequest(err.Error())
			}
			return now, json.Unmarshal(text, &now)
		})
		return err
	})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, ofNamespace(made))
}

func (s *server) deleteProject(w http.ResponseWriter, r *http.Request, _ user.Info) error {
	var options metav1.DeleteOptions
	if r.ContentLength > 0 {
		if err := read(r, &options); err != nil {
			return err
		}
	}
	if dry := dryRun(r); len(dry) > 0 {
		options.DryRun = dry
	}
	if err := s.client.CoreV1().Namespaces().Delete(r.Context(), r.PathValue("name"), options); err != nil {
		return own(err, r.PathValue("name"))
	}
	return answer(w, http.StatusOK, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess})
}

// finish takes the finalizer of what was made as a project from a namespace that is to go: OpenShift has a controller for
// that, which has nothing else to do any more.
func (s *server) finish(ctx context.Context, object any) {
	n, ok := object.(*corev1.Namespace)
	if !ok || n.DeletionTimestamp == nil || !slices.Contains(n.Spec.Finalizers, origin) {
		return
	}
	n = n.DeepCopy()
	n.Spec.Finalizers = slices.DeleteFunc(n.Spec.Finalizers, func(f corev1.FinalizerName) bool { return f == origin })
	// A conflict means that the namespace has changed: then its event brings us here again.
	if _, err := s.client.CoreV1().Namespaces().Finalize(ctx, n, metav1.UpdateOptions{}); err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
		fmt.Fprintf(os.Stderr, "openshift: let go of the project %s: %v\n", n.Name, err)
	}
}

// mayRequest tells whether the user may ask for a project.
func (s *server) mayRequest(w http.ResponseWriter, r *http.Request, who user.Info) error {
	may, err := s.allowed(r.Context(), who, "create", "projectrequests")
	if err != nil {
		return err
	}
	if !may {
		err := apierrors.NewForbidden(schema.GroupResource{Group: projects.Group, Resource: "projectrequest"}, "", nil)
		err.ErrStatus.Message = "You may not request a new project via this API."
		return err
	}
	return answer(w, http.StatusOK, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusSuccess})
}

func (s *server) allowed(ctx context.Context, user user.Info, verb, resource string) (bool, error) {
	subjects, err := s.subjects.AllowedSubjects(ctx, &authorizer.AttributesRecord{Verb: verb, APIGroup: projects.Group, Resource: resource, ResourceRequest: true})
	users, groups := who(subjects, "")
	if users.Has(user.GetName()) || groups.HasAny(user.GetGroups()...) {
		return true, nil
	}
	return false, err
}

// requestProject makes a project for the user, who becomes its administrator: what OpenShift's default template holds.
func (s *server) requestProject(w http.ResponseWriter, r *http.Request, who user.Info) error {
	var request projectRequest
	if err := read(r, &request); err != nil {
		return err
	}
	for _, word := range []string{"openshift", "kubernetes", "kube"} {
		if request.Name == word {
			return apierrors.NewForbidden(projects, request.Name, fmt.Errorf("cannot request a project with the name %q", word))
		}
		if strings.HasPrefix(request.Name, word+"-") {
			return apierrors.NewForbidden(projects, request.Name, fmt.Errorf("cannot request a project starting with %q", word+"-"))
		}
	}
	p := project{ObjectMeta: metav1.ObjectMeta{Name: request.Name, Annotations: map[string]string{
		displayName: request.DisplayName, description: request.Description, requester: who.GetName(),
	}}}
	made, err := s.create(r.Context(), p, dryRun(r))
	if err != nil {
		return err
	}
	if len(dryRun(r)) == 0 {
		_, err = s.client.RbacV1().RoleBindings(made.Name).Create(r.Context(), &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "admin"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "admin"},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: who.GetName()}},
		}, metav1.CreateOptions{})
		if err != nil {
			// Half a project is of no use to anyone.
			return errors.Join(err, s.client.CoreV1().Namespaces().Delete(r.Context(), made.Name, metav1.DeleteOptions{}))
		}
	}
	return answer(w, http.StatusCreated, ofNamespace(made))
}
