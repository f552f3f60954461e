// A TCP relay that counts what clients send. It prints its address; then, for each line that it reads, the bytes since the last one. It
// ends with its input. What comes back is passed on by the kernel alone (splice), so that the relay takes next to nothing from what is
// being measured.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
)

var sent atomic.Int64

func main() {
	target := os.Args[1]
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr())
	go serve(listener, target)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(sent.Swap(0))
	}
}

func serve(listener net.Listener, target string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go relay(client.(*net.TCPConn), target)
	}
}

// relay passes both directions on until both have ended; a broken one breaks the other.
func relay(client *net.TCPConn, target string) {
	connection, err := net.Dial("tcp", target)
	if err != nil {
		client.Close()
		return
	}
	upstream := connection.(*net.TCPConn)
	answered := make(chan bool)
	go func() {
		finish(client, upstream, func() error { _, err := io.Copy(client, upstream); return err })
		close(answered)
	}()
	finish(upstream, client, func() error { return pass(upstream, client) })
	<-answered
	client.Close()
	upstream.Close()
}

func finish(to, from *net.TCPConn, copy func() error) {
	if copy() == nil {
		to.CloseWrite()
		return
	}
	to.Close()
	from.Close()
}

func pass(upstream, client *net.TCPConn) error {
	buffer := make([]byte, 512*1024)
	for {
		count, err := client.Read(buffer)
		sent.Add(int64(count))
		if _, failed := upstream.Write(buffer[:count]); failed != nil {
			return failed
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
