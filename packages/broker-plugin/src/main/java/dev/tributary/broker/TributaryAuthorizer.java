package dev.tributary.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.acl.AccessControlEntryFilter;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourcePatternFilter;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;

/**
 * Kafka's own ACLs, and what the control plane's role bindings add to them. In this order:
 * the cluster's machinery may do everything; what belongs to the control plane is denied to
 * everyone else; a DENY ACL wins; then an ALLOW ACL or a role allows.
 */
public final class TributaryAuthorizer extends StandardAuthorizer {
    private Map<String, ?> config = Map.of();
    private AccessFollower follower;

    @Override
    public void configure(Map<String, ?> configs) {
        super.configure(configs);
        config = configs;
    }

    /** Kafka starts one authorizer for the controller's listeners and one for the broker's: only the latter follows. */
    @Override
    public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo server) {
        Map<Endpoint, CompletionStage<Void>> opening = new HashMap<>(super.start(server));
        for (Endpoint endpoint : server.endpoints()) {
            if ("EXTERNAL".equals(endpoint.listener())) {
                CompletionStage<Void> caughtUp = follow();
                opening.compute(endpoint, (ignored, loaded) ->
                    loaded == null ? caughtUp : loaded.thenCombine(caughtUp, (a, b) -> null));
            }
        }
        return opening;
    }

    private CompletableFuture<Void> follow() {
        try {
            follower = new AccessFollower(config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return follower.start();
    }

    @Override
    public List<AuthorizationResult> authorize(AuthorizableRequestContext request, List<Action> actions) {
        List<AuthorizationResult> results = new ArrayList<>(actions.size());
        for (Action action : actions) {
            results.add(authorize(request, action));
        }
        return results;
    }

    private AuthorizationResult authorize(AuthorizableRequestContext request, Action action) {
        if (Principals.isInside(request.principal())) {
            return AuthorizationResult.ALLOWED;
        }
        ResourcePattern resource = action.resourcePattern();
        if (ControlPlaneOnly.covers(request.requestType(), action.operation(), resource)) {
            return AuthorizationResult.DENIED;
        }
        boolean administrator = Access.current().isAdministrator(request.principal().getName());
        boolean createsTopic = resource.resourceType() == ResourceType.TOPIC && action.operation() == AclOperation.CREATE;
        if ((administrator || createsTopic && mayCreateAnyTopic(request)) && !deniedByAcl(request, action)) {
            return AuthorizationResult.ALLOWED;
        }
        return super.authorize(request, List.of(action)).get(0);
    }

    /** What CREATE on the cluster means to Kafka; asked for each topic here, since not every name is a tenant's. */
    private boolean mayCreateAnyTopic(AuthorizableRequestContext request) {
        var cluster = new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL);
        var create = new Action(AclOperation.CREATE, cluster, 1, false, false);
        return super.authorize(request, List.of(create)).get(0) == AuthorizationResult.ALLOWED;
    }

    @Override
    public AuthorizationResult authorizeByResourceType(AuthorizableRequestContext request, AclOperation operation, ResourceType type) {
        if (Principals.isInside(request.principal()) || Access.current().isAdministrator(request.principal().getName())) {
            return AuthorizationResult.ALLOWED;
        }
        return super.authorizeByResourceType(request, operation, type);
    }

    private boolean deniedByAcl(AuthorizableRequestContext request, Action action) {
        String principal = request.principal().toString();
        String host = request.clientAddress().getHostAddress();
        ResourcePattern resource = action.resourcePattern();
        var filter = new AclBindingFilter(
            new ResourcePatternFilter(resource.resourceType(), resource.name(), PatternType.MATCH),
            new AccessControlEntryFilter(null, null, AclOperation.ANY, AclPermissionType.DENY));
        for (AclBinding binding : acls(filter)) {
            var entry = binding.entry();
            boolean concernsPrincipal = entry.principal().equals(principal) || entry.principal().equals("User:*");
            boolean concernsHost = entry.host().equals("*") || entry.host().equals(host);
            boolean concernsOperation = entry.operation() == AclOperation.ALL || entry.operation() == action.operation();
            if (concernsPrincipal && concernsHost && concernsOperation) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        if (follower != null) {
            follower.close();
        }
        super.close();
    }
}
