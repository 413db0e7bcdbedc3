package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
)

type handler struct{ hits int }

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.hits++
	fmt.Fprintf(w, "%s %s %d", r.Method, r.URL.Path, h.hits)
}

type logged struct {
	http.ResponseWriter
	code, n int
}

func (l *logged) WriteHeader(c int) { l.code = c; l.ResponseWriter.WriteHeader(c) }
func (l *logged) Write(b []byte) (int, error) {
	n, err := l.ResponseWriter.Write(b)
	l.n += n
	return n, err
}
func (l *logged) Unwrap() http.ResponseWriter { return l.ResponseWriter }

type middleware func(http.Handler) http.Handler

func logging(out *[]string) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			l := &logged{w, 200, 0}
			next.ServeHTTP(l, r)
			*out = append(*out, fmt.Sprint(r.URL.Path, " ", l.code, " ", l.n))
		})
	}
}

type listener struct {
	net.Listener
	n int
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.n++
	return &counting{Conn: c}, nil
}

type counting struct {
	net.Conn
	read int
}

func (c *counting) Read(b []byte) (int, error) { n, err := c.Conn.Read(b); c.read += n; return n, err }

type rt struct{ base http.RoundTripper }

func (t rt) RoundTrip(r *http.Request) (*http.Response, error) {
	r2 := r.Clone(r.Context())
	r2.Header.Set("X-T", "1")
	return t.base.RoundTrip(r2)
}

type errRT struct{}
type myErr struct{ code int }

func (e *myErr) Error() string                                  { return fmt.Sprint("myErr ", e.code) }
func (e *myErr) Timeout() bool                                  { return true }
func (errRT) RoundTrip(r *http.Request) (*http.Response, error) { return nil, &myErr{4} }

type body struct {
	io.Reader
	closed *bool
}

func (b body) Close() error { *b.closed = true; return nil }

func main() {
	var log []string
	h := &handler{}
	mux := http.NewServeMux()
	mux.Handle("/a", h)
	mux.HandleFunc("/flush", func(w http.ResponseWriter, r *http.Request) {
		_, isF := w.(http.Flusher)
		err := http.NewResponseController(w).Flush()
		fmt.Fprint(w, isF, err)
	})
	mux.HandleFunc("/h", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404); fmt.Fprint(w, r.Header.Get("X-T")) })
	srv := httptest.NewUnstartedServer(logging(&log)(mux))
	l := &listener{Listener: srv.Listener}
	srv.Listener = l
	srv.Start()
	defer srv.Close()
	cl := &http.Client{Transport: rt{http.DefaultTransport}}
	for _, p := range []string{"/a", "/a", "/flush", "/h"} {
		resp, err := cl.Get(srv.URL + p)
		if err != nil {
			fmt.Println(err)
			continue
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(resp.StatusCode, string(b))
	}
	fmt.Println(log, l.n > 0)
	_, err := (&http.Client{Transport: errRT{}}).Get("http://x/")
	var me *myErr
	var ne net.Error
	fmt.Println(err, errors.As(err, &me), me.code, errors.As(err, &ne), ne.Timeout())
	closed := false
	req, _ := http.NewRequest("POST", srv.URL+"/a", body{strings.NewReader("zz"), &closed})
	resp, err := cl.Do(req)
	fmt.Println(err, resp.StatusCode, closed)
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("PUT", "/q", nil))
	fmt.Println(rec.Body.String())
}
