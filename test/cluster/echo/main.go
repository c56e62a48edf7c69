// Tells who answers. `echo get URL` asks, and prints the answer: what a pod without a shell can run.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "get" {
		client := http.Client{Timeout: 20 * time.Second}
		answer, err := client.Get(os.Args[2])
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		defer answer.Body.Close()
		io.Copy(os.Stdout, answer.Body)
		return
	}
	name, _ := os.Hostname()
	fmt.Println("listening as", name)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s hears %s\n", name, r.RemoteAddr)
		fmt.Println(r.RemoteAddr, r.URL)
	})
	if err := http.ListenAndServe(":8080", nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
