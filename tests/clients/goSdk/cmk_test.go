package gosdk

import (
	"context"
	"testing"

	cmk "github.com/confluentinc/ccloud-sdk-go-v2/cmk/v2"
)

func TestClustersFromCreationToDeletion(t *testing.T) {
	configuration := cmk.NewConfiguration()
	configuration.Servers = cmk.ServerConfigurations{{URL: installation.Endpoint}}
	auth := cmk.BasicAuth{UserName: installation.Key, Password: installation.Secret}
	ctx := context.WithValue(context.Background(), cmk.ContextBasicAuth, auth)
	clusters := cmk.NewAPIClient(configuration).ClustersCmkV2Api
	environment := installation.Environment

	read, response, err := clusters.GetCmkV2Cluster(ctx, installation.Cluster).Environment(environment).Execute()
	must(t, 200, response, err)
	equal(t, "phase", read.Status.Phase, "PROVISIONED")
	if read.Spec.GetKafkaBootstrapEndpoint() == "" || read.Spec.GetHttpEndpoint() == "" {
		t.Fatal("a cluster that runs has no endpoints")
	}

	config := cmk.CmkV2BasicAsCmkV2ClusterSpecConfigOneOf(cmk.NewCmkV2Basic("Basic"))
	made, response, err := clusters.CreateCmkV2Cluster(ctx).CmkV2Cluster(cmk.CmkV2Cluster{Spec: &cmk.CmkV2ClusterSpec{
		DisplayName:  ptr("by the SDK"),
		Availability: ptr("SINGLE_ZONE"),
		Cloud:        ptr("AWS"),
		Region:       ptr("us-east-2"),
		Config:       &config,
		Environment:  &cmk.EnvScopedObjectReference{Id: environment},
	}}).Execute()
	must(t, 202, response, err)
	id := made.GetId()
	equal(t, "phase", made.Status.Phase, "PROVISIONING")
	if made.Spec.Config.CmkV2Basic == nil {
		t.Fatal("it is not of the kind that was asked for")
	}

	once(t, pages(t, func(token string) ([]string, *string) {
		request := clusters.ListCmkV2Clusters(ctx).Environment(environment).PageSize(1)
		if token != "" {
			request = request.PageToken(token)
		}
		list, response, err := request.Execute()
		must(t, 200, response, err)
		var found []string
		for _, each := range list.Data {
			found = append(found, each.GetId())
		}
		return found, list.Metadata.Next.Get()
	}), id, installation.Cluster)

	change := cmk.CmkV2ClusterUpdate{Spec: &cmk.CmkV2ClusterSpecUpdate{
		DisplayName: ptr("renamed by the SDK"),
		Environment: &cmk.EnvScopedObjectReference{Id: environment},
	}}
	_, response, err = clusters.UpdateCmkV2Cluster(ctx, id).CmkV2ClusterUpdate(change).Execute()
	must(t, 200, response, err)
	read, response, err = clusters.GetCmkV2Cluster(ctx, id).Environment(environment).Execute()
	must(t, 200, response, err)
	equal(t, "name", read.Spec.GetDisplayName(), "renamed by the SDK")
	equal(t, "environment", read.Spec.Environment.Id, environment)

	response, err = clusters.DeleteCmkV2Cluster(ctx, id).Environment(environment).Execute()
	must(t, 204, response, err)
	_, response, err = clusters.GetCmkV2Cluster(ctx, id).Environment(environment).Execute()
	refused(t, 404, response, err)
}
