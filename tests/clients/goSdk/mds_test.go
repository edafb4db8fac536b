package gosdk

import (
	"context"
	"testing"

	mds "github.com/confluentinc/ccloud-sdk-go-v2/mds/v2"
)

func TestRoleBindingsFromCreationToDeletion(t *testing.T) {
	configuration := mds.NewConfiguration()
	configuration.Servers = mds.ServerConfigurations{{URL: installation.Endpoint}}
	auth := mds.BasicAuth{UserName: installation.Key, Password: installation.Secret}
	ctx := context.WithValue(context.Background(), mds.ContextBasicAuth, auth)
	bindings := mds.NewAPIClient(configuration).RoleBindingsIamV2Api

	principal := "User:" + serviceAccount(t, "sdk bound")
	place := "crn://confluent.cloud/organization=" + installation.Organization
	cluster := place + "/environment=" + installation.Environment + "/cloud-cluster=" + installation.Cluster
	var ids []string
	for role, crn := range map[string]string{
		"CloudClusterAdmin": cluster,
		"DeveloperRead":     cluster + "/kafka=" + installation.Cluster + "/topic=sdk-*",
	} {
		body := mds.IamV2RoleBinding{Principal: &principal, RoleName: &role, CrnPattern: &crn}
		made, response, err := bindings.CreateIamV2RoleBinding(ctx).IamV2RoleBinding(body).Execute()
		must(t, 201, response, err)
		read, response, err := bindings.GetIamV2RoleBinding(ctx, made.GetId()).Execute()
		must(t, 200, response, err)
		equal(t, "principal", read.GetPrincipal(), principal)
		equal(t, "role", read.GetRoleName(), role)
		equal(t, "place", read.GetCrnPattern(), crn)
		_, response, err = bindings.CreateIamV2RoleBinding(ctx).IamV2RoleBinding(body).Execute()
		refused(t, 409, response, err)
		ids = append(ids, made.GetId())
	}
	once(t, pages(t, func(token string) ([]string, *string) {
		request := bindings.ListIamV2RoleBindings(ctx).CrnPattern(place).Principal(principal).PageSize(1)
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
	for _, id := range ids {
		_, response, err := bindings.DeleteIamV2RoleBinding(ctx, id).Execute()
		must(t, 200, response, err)
		_, response, err = bindings.GetIamV2RoleBinding(ctx, id).Execute()
		refused(t, 404, response, err)
	}
}
