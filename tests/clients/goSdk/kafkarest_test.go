package gosdk

import (
	"context"
	"testing"

	rest "github.com/confluentinc/ccloud-sdk-go-v2/kafkarest/v3"
)

func restClient() (*rest.APIClient, context.Context) {
	configuration := rest.NewConfiguration()
	configuration.Servers = rest.ServerConfigurations{{URL: installation.Endpoint}}
	auth := rest.BasicAuth{UserName: installation.ClusterKey, Password: installation.ClusterSecret}
	return rest.NewAPIClient(configuration), context.WithValue(context.Background(), rest.ContextBasicAuth, auth)
}

func text(value string) rest.NullableString { return *rest.NewNullableString(&value) }

// topic makes one that goes with the test.
func topic(t *testing.T, name string) {
	t.Helper()
	client, ctx := restClient()
	topics := client.TopicV3Api
	body := rest.CreateTopicRequestData{
		TopicName:       name,
		PartitionsCount: ptr(int32(2)),
		Configs:         &[]rest.CreateTopicRequestDataConfigs{{Name: "retention.ms", Value: text("123456")}},
	}
	made, response, err := topics.CreateKafkaTopic(ctx, installation.Cluster).CreateTopicRequestData(body).Execute()
	must(t, 201, response, err)
	equal(t, "name", made.TopicName, name)
	equal(t, "partitions", made.PartitionsCount, 2)
	t.Cleanup(func() {
		response, err := topics.DeleteKafkaTopic(ctx, installation.Cluster, name).Execute()
		must(t, 204, response, err)
		_, response, err = topics.GetKafkaTopic(ctx, installation.Cluster, name).Execute()
		refused(t, 404, response, err)
	})
}

func TestTopicsFromCreationToDeletion(t *testing.T) {
	client, ctx := restClient()
	cluster, response, err := client.ClusterV3Api.GetKafkaCluster(ctx, installation.Cluster).Execute()
	must(t, 200, response, err)
	equal(t, "cluster", cluster.ClusterId, installation.Cluster)

	topic(t, "sdk-topic")
	topics := client.TopicV3Api
	list, response, err := topics.ListKafkaTopics(ctx, installation.Cluster).Execute()
	must(t, 200, response, err)
	equal(t, "count", len(list.Data), 1)
	growth := rest.UpdatePartitionCountRequestData{PartitionsCount: 3}
	_, response, err = topics.UpdatePartitionCountKafkaTopic(ctx, installation.Cluster, "sdk-topic").UpdatePartitionCountRequestData(growth).Execute()
	must(t, 200, response, err)
	partitions, response, err := client.PartitionV3Api.ListKafkaPartitions(ctx, installation.Cluster, "sdk-topic").Execute()
	must(t, 200, response, err)
	equal(t, "partitions", len(partitions.Data), 3)
	_, response, err = topics.CreateKafkaTopic(ctx, installation.Cluster).CreateTopicRequestData(rest.CreateTopicRequestData{TopicName: "sdk-topic"}).Execute()
	refused(t, 400, response, err)
}

func TestConfigsAreSetAndReset(t *testing.T) {
	client, ctx := restClient()
	topic(t, "sdk-configs")
	configs := client.ConfigsV3Api
	value := func() string {
		read, response, err := configs.GetKafkaTopicConfig(ctx, installation.Cluster, "sdk-configs", "retention.ms").Execute()
		must(t, 200, response, err)
		return *read.Value.Get()
	}
	equal(t, "retention", value(), "123456")
	change := rest.UpdateConfigRequestData{Value: text("7")}
	response, err := configs.UpdateKafkaTopicConfig(ctx, installation.Cluster, "sdk-configs", "retention.ms").UpdateConfigRequestData(change).Execute()
	must(t, 204, response, err)
	equal(t, "retention", value(), "7")
	batch := rest.AlterConfigBatchRequestData{Data: []rest.AlterConfigBatchRequestDataData{{Name: "retention.ms", Value: text("8")}}}
	response, err = configs.UpdateKafkaTopicConfigBatch(ctx, installation.Cluster, "sdk-configs").AlterConfigBatchRequestData(batch).Execute()
	must(t, 204, response, err)
	equal(t, "retention", value(), "8")
	response, err = configs.DeleteKafkaTopicConfig(ctx, installation.Cluster, "sdk-configs", "retention.ms").Execute()
	must(t, 204, response, err)
	equal(t, "retention", value(), "604800000")
	list, response, err := configs.ListKafkaTopicConfigs(ctx, installation.Cluster, "sdk-configs").Execute()
	must(t, 200, response, err)
	if len(list.Data) < 20 {
		t.Fatalf("a topic has only %d settings", len(list.Data))
	}
	_, response, err = configs.ListKafkaClusterConfigs(ctx, installation.Cluster).Execute()
	must(t, 200, response, err)
}

func TestAclsFromCreationToDeletion(t *testing.T) {
	client, ctx := restClient()
	acls := client.ACLV3Api
	principal := "User:" + serviceAccount(t, "sdk acl")
	acl := rest.CreateAclRequestData{
		ResourceType: rest.TOPIC, ResourceName: "sdk-", PatternType: "PREFIXED",
		Principal: principal, Host: "*", Operation: "READ", Permission: "ALLOW",
	}
	response, err := acls.CreateKafkaAcls(ctx, installation.Cluster).CreateAclRequestData(acl).Execute()
	must(t, 201, response, err)
	acl.Operation = "WRITE"
	batch := rest.CreateAclRequestDataList{Data: []rest.CreateAclRequestData{acl}}
	response, err = acls.BatchCreateKafkaAcls(ctx, installation.Cluster).CreateAclRequestDataList(batch).Execute()
	must(t, 201, response, err)
	list, response, err := acls.GetKafkaAcls(ctx, installation.Cluster).Principal(principal).Execute()
	must(t, 200, response, err)
	equal(t, "count", len(list.Data), 2)
	equal(t, "resource", list.Data[0].ResourceName, "sdk-")
	deleted, response, err := acls.DeleteKafkaAcls(ctx, installation.Cluster).
		ResourceType(rest.TOPIC).PatternType("PREFIXED").Operation("ANY").Permission("ANY").Principal(principal).Execute()
	must(t, 200, response, err)
	equal(t, "deleted", len(deleted.Data), 2)
}

func TestARecordIsProduced(t *testing.T) {
	client, ctx := restClient()
	topic(t, "sdk-records")
	var value interface{} = map[string]interface{}{"a": 1}
	record := rest.ProduceRequest{
		PartitionId: *rest.NewNullableInt32(ptr(int32(1))),
		Value:       *rest.NewNullableProduceRequestData(&rest.ProduceRequestData{Type: ptr("JSON"), Data: value}),
	}
	report, response, err := client.RecordsV3Api.ProduceRecord(ctx, installation.Cluster, "sdk-records").ProduceRequest(record).Execute()
	must(t, 200, response, err)
	equal(t, "code", report.ErrorCode, 200)
	equal(t, "partition", *report.PartitionId, 1)
	equal(t, "offset", *report.Offset, 0)
}

func TestGroupsAreListedAndMissed(t *testing.T) {
	client, ctx := restClient()
	groups := client.ConsumerGroupV3Api
	list, response, err := groups.ListKafkaConsumerGroups(ctx, installation.Cluster).Execute()
	must(t, 200, response, err)
	equal(t, "count", len(list.Data), 0)
	_, response, err = groups.GetKafkaConsumerGroup(ctx, installation.Cluster, "nobody").Execute()
	refusedBeyondDocument(t, 404, response, err)
	_, response, err = groups.GetKafkaConsumerGroupLagSummary(ctx, installation.Cluster, "nobody").Execute()
	refusedBeyondDocument(t, 404, response, err)
}
