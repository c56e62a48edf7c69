// Tells the kubelet that a CSI driver is there: asks the driver for its name, and answers when the kubelet asks who it is.
// A part of an image that the release builds; the flags are those of the project's registrar.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

type registrar struct {
	registration.UnimplementedRegistrationServer
	name, endpoint string
}

func (r registrar) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              r.name,
		Endpoint:          r.endpoint,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

// A registration that failed is tried again by starting again.
func (r registrar) NotifyRegistrationStatus(_ context.Context, status *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if !status.PluginRegistered {
		log.Fatalf("the kubelet did not register %s: %s", r.name, status.Error)
	}
	log.Printf("the kubelet has registered %s", r.name)
	return &registration.RegistrationStatusResponse{}, nil
}

// The driver may start after this program does.
func nameOf(address string) string {
	connection, err := grpc.NewClient("unix://"+address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	for {
		info, err := csi.NewIdentityClient(connection).GetPluginInfo(context.Background(), &csi.GetPluginInfoRequest{})
		if err == nil {
			return info.GetName()
		}
		log.Printf("the driver does not answer yet: %v", err)
		time.Sleep(2 * time.Second)
	}
}

func main() {
	address := flag.String("csi-address", "/run/csi/socket", "where the driver listens")
	endpoint := flag.String("kubelet-registration-path", "", "the same, as the kubelet sees it")
	folder := flag.String("plugin-registration-path", "/registration", "where the kubelet looks for sockets")
	flag.Parse()
	name := nameOf(*address)
	socket := *folder + "/" + name + "-reg.sock"
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		log.Fatal(err)
	}
	syscall.Umask(0o077)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	registration.RegisterRegistrationServer(server, registrar{name: name, endpoint: *endpoint})
	log.Fatal(server.Serve(listener))
}
