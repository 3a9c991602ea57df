// Package openshift is a stand-in for OpenShift's aggregated API server. It serves project.openshift.io/v1 (Project and
// ProjectRequest) and LocalResourceAccessReview of authorization.openshift.io/v1, and nothing else of it; the real
// server's OpenAPI is missing. The behaviour was read in github.com/openshift/openshift-apiserver: pkg/project/apiserver,
// pkg/project/auth, pkg/project/apis/project/validation, pkg/authorization/apiserver/registry/{local,}resourceaccessreview;
// the fields in github.com/openshift/api: project/v1 and authorization/v1. Who may do what is worked out by the same
// library of Kubernetes as there: plugin/pkg/auth/authorizer/rbac.
//
// The API server in front has authorized each request before it sends it on, so nothing is authorized here again; but only
// that server is believed, by its certificate.
package openshift

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/headerrequest"
	x509request "k8s.io/apiserver/pkg/authentication/request/x509"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/handlers/responsewriters"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
)

// Main runs the server until it is told to end.
func Main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "openshift:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	fs := flag.NewFlagSet("openshift", flag.ContinueOnError)
	listen := fs.String("listen", "", "address to serve on")
	kubeconfig := fs.String("kubeconfig", "", "how to reach the API server")
	cert, key := fs.String("cert", "", "own certificate"), fs.String("key", "", "its key")
	ca := fs.String("front-proxy-ca", "", "authority of the API server's certificate")
	name := fs.String("front-proxy-name", "front-proxy", "name in the API server's certificate")
	if err := fs.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 200, 400
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	front, pool, err := frontProxy(*ca, *name)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s, err := newServer(ctx, client, front)
	if err != nil {
		return err
	}
	h := &http.Server{
		Addr: *listen, Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second,
		// A caller without a certificate still gets an answer: that it is not known.
		TLSConfig: &tls.Config{ClientAuth: tls.RequestClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12},
	}
	go func() {
		<-ctx.Done()
		_ = h.Close()
	}()
	if err := h.ListenAndServeTLS(*cert, *key); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// frontProxy believes the headers X-Remote-* of a caller whose certificate is of the authority and bears the name.
func frontProxy(ca, name string) (authenticator.Request, *x509.CertPool, error) {
	text, err := os.ReadFile(ca)
	if err != nil {
		return nil, nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, nil, fmt.Errorf("no certificate in %s", ca)
	}
	options := x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	one := func(text string) headerrequest.StaticStringSlice { return headerrequest.StaticStringSlice{text} }
	return headerrequest.NewDynamicVerifyOptionsSecure(x509request.StaticVerifierFn(options),
		one(name), one("X-Remote-User"), one("X-Remote-Uid"), one("X-Remote-Group"), one("X-Remote-Extra-")), pool, nil
}

type server struct {
	client     kubernetes.Interface
	front      authenticator.Request
	namespaces corelisters.NamespaceLister
	subjects   rbac.SubjectLocator
	changes    changes
}

// newServer is ready once it knows the namespaces and the rights.
func newServer(ctx context.Context, client kubernetes.Interface, front authenticator.Request) (*server, error) {
	all := informers.NewSharedInformerFactory(client, 0)
	rights, namespaces := all.Rbac().V1(), all.Core().V1().Namespaces()
	s := &server{
		client: client, front: front, namespaces: namespaces.Lister(), changes: changes{next: make(chan struct{})},
		subjects: rbac.NewSubjectAccessEvaluator(
			&rbac.RoleGetter{Lister: rights.Roles().Lister()}, &rbac.RoleBindingLister{Lister: rights.RoleBindings().Lister()},
			&rbac.ClusterRoleGetter{Lister: rights.ClusterRoles().Lister()}, &rbac.ClusterRoleBindingLister{Lister: rights.ClusterRoleBindings().Lister()}, ""),
	}
	for _, i := range []cache.SharedIndexInformer{
		namespaces.Informer(), rights.Roles().Informer(), rights.RoleBindings().Informer(), rights.ClusterRoles().Informer(), rights.ClusterRoleBindings().Informer(),
	} {
		if _, err := i.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc: func(any) { s.changes.tell() }, UpdateFunc: func(_, _ any) { s.changes.tell() }, DeleteFunc: func(any) { s.changes.tell() },
		}); err != nil {
			return nil, err
		}
	}
	if _, err := namespaces.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(n any) { go s.finish(ctx, n) }, UpdateFunc: func(_, n any) { go s.finish(ctx, n) },
	}); err != nil {
		return nil, err
	}
	all.Start(ctx.Done())
	for what, ok := range all.WaitForCacheSync(ctx.Done()) {
		if !ok {
			return nil, fmt.Errorf("%v were not read", what)
		}
	}
	return s, nil
}

// changes wakes up those who wait for the next one.
type changes struct {
	mu   sync.Mutex
	next chan struct{}
}

func (c *changes) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.next)
	c.next = make(chan struct{})
}

func (c *changes) wait() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next
}

const (
	projectAPI       = "/apis/project.openshift.io/v1"
	authorizationAPI = "/apis/authorization.openshift.io/v1"
)

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	ok := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }
	mux.HandleFunc("GET /healthz", ok)
	mux.HandleFunc("GET /readyz", ok)
	discover(mux)
	known := func(pattern string, answer func(w http.ResponseWriter, r *http.Request, who user.Info) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			who, is, err := s.front.AuthenticateRequest(r)
			if err != nil || !is {
				refuse(w, apierrors.NewUnauthorized("only the API server in front is served"))
				return
			}
			if err := answer(w, r, who.User); err != nil {
				refuse(w, err)
			}
		})
	}
	known("GET "+projectAPI+"/projects", s.listProjects)
	known("POST "+projectAPI+"/projects", s.createProject)
	known("GET "+projectAPI+"/projects/{name}", s.getProject)
	known("PUT "+projectAPI+"/projects/{name}", s.updateProject)
	known("PATCH "+projectAPI+"/projects/{name}", s.patchProject)
	known("DELETE "+projectAPI+"/projects/{name}", s.deleteProject)
	known("GET "+projectAPI+"/projectrequests", s.mayRequest)
	known("POST "+projectAPI+"/projectrequests", s.requestProject)
	known("POST "+authorizationAPI+"/namespaces/{namespace}/localresourceaccessreviews", s.review)
	return mux
}

// discover tells what is served.
func discover(mux *http.ServeMux) {
	say := func(path string, v any) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) { _ = answer(w, http.StatusOK, v) })
	}
	groups := metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}}
	for group, resources := range map[string][]metav1.APIResource{
		"project.openshift.io": {
			{Name: "projects", SingularName: "project", Kind: "Project", Verbs: metav1.Verbs{"create", "delete", "get", "list", "patch", "update", "watch"}},
			{Name: "projectrequests", SingularName: "projectrequest", Kind: "ProjectRequest", Verbs: metav1.Verbs{"create", "list"}},
		},
		"authorization.openshift.io": {
			{Name: "localresourceaccessreviews", SingularName: "localresourceaccessreview", Namespaced: true, Kind: "LocalResourceAccessReview", Verbs: metav1.Verbs{"create"}},
		},
	} {
		version := metav1.GroupVersionForDiscovery{GroupVersion: group + "/v1", Version: "v1"}
		g := metav1.APIGroup{
			TypeMeta: metav1.TypeMeta{Kind: "APIGroup", APIVersion: "v1"}, Name: group,
			Versions: []metav1.GroupVersionForDiscovery{version}, PreferredVersion: version,
		}
		groups.Groups = append(groups.Groups, g)
		say("/apis/"+group, g)
		say("/apis/"+group+"/v1", metav1.APIResourceList{
			TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: version.GroupVersion, APIResources: resources,
		})
	}
	say("/apis", groups)
}

func answer(w http.ResponseWriter, code int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(append(text, '\n')) // the caller may be gone
	return nil
}

func refuse(w http.ResponseWriter, err error) {
	status := responsewriters.ErrorToAPIStatus(err)
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	_ = answer(w, int(status.Code), status)
}

// largest is the size of a request's body that the API server allows.
const largest = 3 << 20

func read(r *http.Request, into any) error {
	if kind := r.Header.Get("Content-Type"); kind != "" && !strings.HasPrefix(kind, "application/json") {
		return unsupported(kind)
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, largest))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	return nil
}

func unsupported(kind string) error {
	return apierrors.NewGenericServerResponse(http.StatusUnsupportedMediaType, "", schema.GroupResource{}, "", "this stand-in does not read "+kind, 0, true)
}
