package gosdk

import (
	"context"
	"testing"

	apikeys "github.com/confluentinc/ccloud-sdk-go-v2/apikeys/v2"
)

func keysAs(key, secret string) (apikeys.APIKeysIamV2Api, context.Context) {
	configuration := apikeys.NewConfiguration()
	configuration.Servers = apikeys.ServerConfigurations{{URL: installation.Endpoint}}
	auth := apikeys.BasicAuth{UserName: key, Password: secret}
	client := apikeys.NewAPIClient(configuration)
	return client.APIKeysIamV2Api, context.WithValue(context.Background(), apikeys.ContextBasicAuth, auth)
}

func TestApiKeysFromCreationToDeletion(t *testing.T) {
	keys, ctx := keysAs(installation.Key, installation.Secret)
	owner := serviceAccount(t, "sdk owner")
	var ids []string
	for _, resource := range []*apikeys.ObjectReference{nil, {Id: installation.Cluster}} {
		spec := apikeys.IamV2ApiKeySpec{
			DisplayName: ptr("sdk key"),
			Owner:       &apikeys.ObjectReference{Id: owner},
			Resource:    resource,
		}
		made, response, err := keys.CreateIamV2ApiKey(ctx).IamV2ApiKey(apikeys.IamV2ApiKey{Spec: &spec}).Execute()
		must(t, 202, response, err)
		if made.Spec.GetSecret() == "" {
			t.Fatal("there is no secret")
		}
		ids = append(ids, made.GetId())
	}
	once(t, pages(t, func(token string) ([]string, *string) {
		request := keys.ListIamV2ApiKeys(ctx).SpecOwner(owner).PageSize(1)
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

	change := apikeys.IamV2ApiKeyUpdate{Spec: &apikeys.IamV2ApiKeySpecUpdate{Description: ptr("by the SDK")}}
	_, response, err := keys.UpdateIamV2ApiKey(ctx, ids[1]).IamV2ApiKeyUpdate(change).Execute()
	must(t, 200, response, err)
	read, response, err := keys.GetIamV2ApiKey(ctx, ids[1]).Execute()
	must(t, 200, response, err)
	equal(t, "description", read.Spec.GetDescription(), "by the SDK")
	equal(t, "name", read.Spec.GetDisplayName(), "sdk key")
	equal(t, "owner", read.Spec.Owner.Id, owner)
	equal(t, "resource", read.Spec.Resource.Id, installation.Cluster)
	equal(t, "secret", read.Spec.GetSecret(), "")

	for _, id := range ids {
		response, err := keys.DeleteIamV2ApiKey(ctx, id).Execute()
		must(t, 204, response, err)
		_, response, err = keys.GetIamV2ApiKey(ctx, id).Execute()
		refused(t, 404, response, err)
	}
}

func TestAWrongSecretIsRefused(t *testing.T) {
	keys, ctx := keysAs(installation.Key, "wrong")
	_, response, err := keys.ListIamV2ApiKeys(ctx).Execute()
	refused(t, 401, response, err)
}
