package gosdk

import (
	"context"
	"testing"

	org "github.com/confluentinc/ccloud-sdk-go-v2/org/v2"
)

func orgClient() (*org.APIClient, context.Context) {
	configuration := org.NewConfiguration()
	configuration.Servers = org.ServerConfigurations{{URL: installation.Endpoint}}
	auth := org.BasicAuth{UserName: installation.Key, Password: installation.Secret}
	return org.NewAPIClient(configuration), context.WithValue(context.Background(), org.ContextBasicAuth, auth)
}

func TestOrganizationIsReadAndRenamed(t *testing.T) {
	client, ctx := orgClient()
	organizations := client.OrganizationsOrgV2Api
	list, response, err := organizations.ListOrgV2Organizations(ctx).Execute()
	must(t, 200, response, err)
	equal(t, "organization", list.Data[0].GetId(), installation.Organization)

	change := org.OrgV2Organization{DisplayName: ptr("By the SDK")}
	changed, response, err := organizations.UpdateOrgV2Organization(ctx, installation.Organization).OrgV2Organization(change).Execute()
	must(t, 200, response, err)
	equal(t, "name", changed.GetDisplayName(), "By the SDK")
	read, response, err := organizations.GetOrgV2Organization(ctx, installation.Organization).Execute()
	must(t, 200, response, err)
	equal(t, "name", read.GetDisplayName(), "By the SDK")
}

func TestEnvironmentsFromCreationToDeletion(t *testing.T) {
	client, ctx := orgClient()
	environments := client.EnvironmentsOrgV2Api
	var ids []string
	for _, name := range []string{"sdk one", "sdk two"} {
		made, response, err := environments.CreateOrgV2Environment(ctx).OrgV2Environment(org.OrgV2Environment{DisplayName: &name}).Execute()
		must(t, 201, response, err)
		equal(t, "name", made.GetDisplayName(), name)
		ids = append(ids, made.GetId())
	}
	once(t, pages(t, func(token string) ([]string, *string) {
		request := environments.ListOrgV2Environments(ctx).PageSize(1)
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

	change := org.OrgV2Environment{DisplayName: ptr("sdk renamed")}
	_, response, err := environments.UpdateOrgV2Environment(ctx, ids[0]).OrgV2Environment(change).Execute()
	must(t, 200, response, err)
	read, response, err := environments.GetOrgV2Environment(ctx, ids[0]).Execute()
	must(t, 200, response, err)
	equal(t, "name", read.GetDisplayName(), "sdk renamed")
	_, response, err = environments.CreateOrgV2Environment(ctx).OrgV2Environment(change).Execute()
	refused(t, 409, response, err)

	for _, id := range ids {
		response, err := environments.DeleteOrgV2Environment(ctx, id).Execute()
		must(t, 204, response, err)
		_, response, err = environments.GetOrgV2Environment(ctx, id).Execute()
		refused(t, 404, response, err)
	}
}
