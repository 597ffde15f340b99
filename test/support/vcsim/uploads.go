package main

import (
	"net/http"
	"strings"
	"time"
)

// delayUploads gives a test the time to interrupt an upload: on loopback it is over at once.
func delayUploads(handler http.Handler, delay time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/nfc/") {
			time.Sleep(delay)
		}
		handler.ServeHTTP(w, r)
	})
}
