package gosdk

import (
	"context"
	"testing"

	iam "github.com/confluentinc/ccloud-sdk-go-v2/iam/v2"
)

func iamClient() (*iam.APIClient, context.Context) {
	configuration := iam.NewConfiguration()
	configuration.Servers = iam.ServerConfigurations{{URL: installation.Endpoint}}
	auth := iam.BasicAuth{UserName: installation.Key, Password: installation.Secret}
	return iam.NewAPIClient(configuration), context.WithValue(context.Background(), iam.ContextBasicAuth, auth)
}

// serviceAccount makes one that goes with the test.
func serviceAccount(t *testing.T, name string) string {
	t.Helper()
	client, ctx := iamClient()
	accounts := client.ServiceAccountsIamV2Api
	body := iam.IamV2ServiceAccount{DisplayName: &name, Description: ptr("made by " + t.Name())}
	made, response, err := accounts.CreateIamV2ServiceAccount(ctx).IamV2ServiceAccount(body).Execute()
	must(t, 201, response, err)
	equal(t, "name", made.GetDisplayName(), name)
	equal(t, "description", made.GetDescription(), "made by "+t.Name())
	t.Cleanup(func() {
		response, err := accounts.DeleteIamV2ServiceAccount(ctx, made.GetId()).Execute()
		must(t, 204, response, err)
		_, response, err = accounts.GetIamV2ServiceAccount(ctx, made.GetId()).Execute()
		refused(t, 404, response, err)
	})
	return made.GetId()
}

func TestServiceAccountsFromCreationToDeletion(t *testing.T) {
	client, ctx := iamClient()
	accounts := client.ServiceAccountsIamV2Api
	ids := []string{serviceAccount(t, "sdk one"), serviceAccount(t, "sdk two")}
	once(t, pages(t, func(token string) ([]string, *string) {
		request := accounts.ListIamV2ServiceAccounts(ctx).PageSize(1)
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

	change := iam.IamV2ServiceAccount{DisplayName: ptr("sdk renamed")}
	_, response, err := accounts.UpdateIamV2ServiceAccount(ctx, ids[0]).IamV2ServiceAccount(change).Execute()
	must(t, 200, response, err)
	named, response, err := accounts.ListIamV2ServiceAccounts(ctx).DisplayName([]string{"sdk renamed", "sdk two"}).Execute()
	must(t, 200, response, err)
	equal(t, "count", len(named.Data), 2)
	_, response, err = accounts.CreateIamV2ServiceAccount(ctx).IamV2ServiceAccount(iam.IamV2ServiceAccount{DisplayName: ptr(" ")}).Execute()
	refused(t, 422, response, err)
}

func TestUserIsReadAndRenamed(t *testing.T) {
	client, ctx := iamClient()
	users := client.UsersIamV2Api
	list, response, err := users.ListIamV2Users(ctx).Execute()
	must(t, 200, response, err)
	seen := map[string]int{}
	for _, each := range list.Data {
		seen[each.GetId()]++
	}
	once(t, seen, installation.User)
	change := iam.IamV2UserUpdate{FullName: ptr("Ada by the SDK")}
	_, response, err = users.UpdateIamV2User(ctx, installation.User).IamV2UserUpdate(change).Execute()
	must(t, 200, response, err)
	read, response, err := users.GetIamV2User(ctx, installation.User).Execute()
	must(t, 200, response, err)
	equal(t, "name", read.GetFullName(), "Ada by the SDK")
	response, err = users.DeleteIamV2User(ctx, installation.User).Execute()
	refusedBeyondDocument(t, 409, response, err)
}
