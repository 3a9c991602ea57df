// Command netpol enforces the NetworkPolicies of a cluster of one node, by nftables. What a policy does not allow is
// refused at once, where other enforcers drop it: a test need not wait for a time limit.
package main

import (
	"flag"
	"log"
	"os/exec"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "the administrator's")
	flag.Parse()
	if err := enforce(*kubeconfig); err != nil {
		log.Fatal(err)
	}
}

func enforce(kubeconfig string) error {
	conf, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(conf)
	if err != nil {
		return err
	}
	changed := make(chan struct{}, 1)
	tell := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { tell() }, UpdateFunc: func(any, any) { tell() }, DeleteFunc: func(any) { tell() },
	}
	f := informers.NewSharedInformerFactory(client, 0)
	pods, namespaces, policies := f.Core().V1().Pods(), f.Core().V1().Namespaces(), f.Networking().V1().NetworkPolicies()
	for _, i := range []cache.SharedIndexInformer{pods.Informer(), namespaces.Informer(), policies.Informer()} {
		if _, err := i.AddEventHandler(handler); err != nil {
			return err
		}
	}
	f.Start(nil)
	f.WaitForCacheSync(nil)
	last := ""
	for ; ; <-changed {
		var w world
		if w.pods, err = pods.Lister().List(labels.Everything()); err != nil {
			return err
		}
		if w.namespaces, err = namespaces.Lister().List(labels.Everything()); err != nil {
			return err
		}
		if w.policies, err = policies.Lister().List(labels.Everything()); err != nil {
			return err
		}
		rules := w.rules()
		if rules == last {
			continue
		}
		begin := time.Now()
		nft := exec.Command("nft", "-f", "-")
		nft.Stdin = strings.NewReader(rules)
		if said, err := nft.CombinedOutput(); err != nil {
			// Nothing half: a file of nft is applied whole or not at all. To go on would enforce what no longer holds.
			log.Fatalf("nft: %v: %s\n%s", err, said, rules)
		}
		last = rules
		log.Printf("%d policies over %d pods, %v", len(w.policies), len(w.pods), time.Since(begin).Round(time.Millisecond))
	}
}
