package gosdk

import (
	"context"
	"testing"

	quotas "github.com/confluentinc/ccloud-sdk-go-v2/kafka-quotas/v1"
)

func TestClientQuotasFromCreationToDeletion(t *testing.T) {
	configuration := quotas.NewConfiguration()
	configuration.Servers = quotas.ServerConfigurations{{URL: installation.Endpoint}}
	auth := quotas.BasicAuth{UserName: installation.Key, Password: installation.Secret}
	ctx := context.WithValue(context.Background(), quotas.ContextBasicAuth, auth)
	client := quotas.NewAPIClient(configuration).ClientQuotasKafkaQuotasV1Api

	var ids []string
	for _, principal := range []string{serviceAccount(t, "sdk limited"), "<default>"} {
		spec := quotas.KafkaQuotasV1ClientQuotaSpec{
			DisplayName: ptr("sdk quota"),
			Description: ptr("by the SDK"),
			Throughput:  &quotas.KafkaQuotasV1Throughput{IngressByteRate: "1048576", EgressByteRate: "9223372036854775807"},
			Cluster:     &quotas.EnvScopedObjectReference{Id: installation.Cluster},
			Principals:  &[]quotas.GlobalObjectReference{{Id: principal}},
			Environment: &quotas.GlobalObjectReference{Id: installation.Environment},
		}
		body := quotas.KafkaQuotasV1ClientQuota{Spec: &spec}
		made, response, err := client.CreateKafkaQuotasV1ClientQuota(ctx).KafkaQuotasV1ClientQuota(body).Execute()
		must(t, 202, response, err)
		_, response, err = client.CreateKafkaQuotasV1ClientQuota(ctx).KafkaQuotasV1ClientQuota(body).Execute()
		refused(t, 409, response, err)
		ids = append(ids, made.GetId())
	}
	once(t, pages(t, func(token string) ([]string, *string) {
		request := client.ListKafkaQuotasV1ClientQuotas(ctx).SpecCluster(installation.Cluster).Environment(installation.Environment).PageSize(1)
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
	}), ids...)

	change := quotas.KafkaQuotasV1ClientQuotaUpdate{Spec: &quotas.KafkaQuotasV1ClientQuotaSpecUpdate{
		Throughput: &quotas.KafkaQuotasV1Throughput{IngressByteRate: "1", EgressByteRate: "2"},
	}}
	_, response, err := client.UpdateKafkaQuotasV1ClientQuota(ctx, ids[0]).KafkaQuotasV1ClientQuotaUpdate(change).Execute()
	must(t, 200, response, err)
	read, response, err := client.GetKafkaQuotasV1ClientQuota(ctx, ids[0]).Execute()
	must(t, 200, response, err)
	equal(t, "ingress", read.Spec.Throughput.IngressByteRate, "1")
	equal(t, "name", read.Spec.GetDisplayName(), "sdk quota")
	equal(t, "cluster", read.Spec.Cluster.Id, installation.Cluster)

	for _, id := range ids {
		response, err := client.DeleteKafkaQuotasV1ClientQuota(ctx, id).Execute()
		must(t, 204, response, err)
		_, response, err = client.GetKafkaQuotasV1ClientQuota(ctx, id).Execute()
		refused(t, 404, response, err)
	}
}
