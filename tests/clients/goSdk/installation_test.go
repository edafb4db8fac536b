// Package gosdk drives an installation with the Go SDK of Confluent Cloud, as its command line client and its
// Terraform provider do.
package gosdk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"testing"
)

// What the tests need to know of the installation, from the environment.
var installation = struct {
	Endpoint, Key, Secret              string
	Organization, Environment, User    string
	Cluster, ClusterKey, ClusterSecret string
}{
	Endpoint:      os.Getenv("TRIBUTARY_ENDPOINT"),
	Key:           os.Getenv("TRIBUTARY_KEY"),
	Secret:        os.Getenv("TRIBUTARY_SECRET"),
	Organization:  os.Getenv("TRIBUTARY_ORGANIZATION"),
	Environment:   os.Getenv("TRIBUTARY_ENVIRONMENT"),
	User:          os.Getenv("TRIBUTARY_USER"),
	Cluster:       os.Getenv("TRIBUTARY_CLUSTER"),
	ClusterKey:    os.Getenv("TRIBUTARY_CLUSTER_KEY"),
	ClusterSecret: os.Getenv("TRIBUTARY_CLUSTER_SECRET"),
}

// must ends the test where a call failed or was answered with another status.
func must(t *testing.T, status int, response *http.Response, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v: %s", err, bodyOf(err))
	}
	if response.StatusCode != status {
		t.Fatalf("%d where %d was due", response.StatusCode, status)
	}
}

// refused wants a status, and an error that the SDK could decode into its own model.
func refused(t *testing.T, status int, response *http.Response, err error) {
	t.Helper()
	refusedBeyondDocument(t, status, response, err)
	decoded, isDecoded := err.(interface{ Model() interface{} })
	if !isDecoded || decoded.Model() == nil {
		t.Fatalf("the SDK could not decode the error: %s", bodyOf(err))
	}
}

// refusedBeyondDocument wants a status that the public document does not name for the operation: the SDK leaves
// decoding to its caller.
func refusedBeyondDocument(t *testing.T, status int, response *http.Response, err error) {
	t.Helper()
	if err == nil || response == nil || response.StatusCode != status {
		t.Fatalf("%v where %d was due: %v", response, status, err)
	}
	text := bodyOf(err)
	var failure struct {
		Errors    []struct{ Detail string }
		ErrorCode int `json:"error_code"`
		Message   string
	}
	if err := json.Unmarshal([]byte(text), &failure); err != nil {
		t.Fatal(err)
	}
	isCloud := len(failure.Errors) == 1 && failure.Errors[0].Detail != ""
	isKafkaRest := failure.ErrorCode != 0 && failure.Message != ""
	if !isCloud && !isKafkaRest {
		t.Fatalf("the error says nothing: %s", text)
	}
}

func bodyOf(err error) string {
	if answered, isAnswered := err.(interface{ Body() []byte }); isAnswered {
		return string(answered.Body())
	}
	return ""
}

func equal[Value comparable](t *testing.T, what string, got, want Value) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %v where %v was sent", what, got, want)
	}
}

// pages follows the links of a list to its end and counts how often each id comes.
func pages(t *testing.T, page func(token string) (ids []string, next *string)) map[string]int {
	t.Helper()
	seen := map[string]int{}
	for token, count := "", 0; ; count++ {
		ids, next := page(token)
		for _, id := range ids {
			seen[id]++
		}
		if next == nil {
			if count == 0 {
				t.Fatal("there was only one page")
			}
			return seen
		}
		link, err := url.Parse(*next)
		if err != nil || link.Query().Get("page_token") == "" {
			t.Fatalf("%s has no page token", *next)
		}
		token = link.Query().Get("page_token")
	}
}

func once(t *testing.T, seen map[string]int, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if seen[id] != 1 {
			t.Fatalf("%s came %d times", id, seen[id])
		}
	}
}

func ptr[Value any](value Value) *Value { return &value }
