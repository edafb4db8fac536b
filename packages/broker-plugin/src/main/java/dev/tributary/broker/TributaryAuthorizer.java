package dev.tributary.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;

/**
 * Kafka's own ACLs, and what the control plane's role bindings add to them. In this order:
 * the cluster's machinery may do everything; what belongs to the control plane is denied to
 * everyone else; a DENY ACL wins; then a grant or an ALLOW ACL allows.
 *
 * <p>Grants are asked first all the same: Kafka's own check logs a denial for whatever only a grant
 * allows. So the DENY ACLs have an index of their own.
 */
public final class TributaryAuthorizer extends StandardAuthorizer {
    private Map<String, ?> config = Map.of();
    private AccessFollower follower;
    private KeyUseWriter keyUse;
    private volatile DenyAcls denials = new DenyAcls(Map.of());
    /** Before the cluster's ACLs are known, no grant allows: one of them may deny it. Kafka's own check says so. */
    private volatile boolean loaded;
    private volatile boolean isControllers;

    @Override
    public void configure(Map<String, ?> configs) {
        super.configure(configs);
        config = configs;
    }

    /** Kafka starts one authorizer for the controller's listeners and one for the broker's: only the latter follows. */
    @Override
    public Map<Endpoint, ? extends CompletionStage<Void>> start(AuthorizerServerInfo server) {
        Map<Endpoint, CompletionStage<Void>> opening = new HashMap<>(super.start(server));
        isControllers = server.endpoints().stream().noneMatch(endpoint -> "EXTERNAL".equals(endpoint.listener()));
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
            keyUse = new KeyUseWriter(KeyUse.OF_THIS_BROKER, new KeyUseTopic(config), KeyUseWriter.intervalMs(config)).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return follower.start();
    }

    @Override
    public void completeInitialLoad() {
        super.completeInitialLoad();
        loaded = true;
    }

    @Override
    public void loadSnapshot(Map<Uuid, StandardAcl> acls) {
        super.loadSnapshot(acls);
        denials = new DenyAcls(acls);
    }

    @Override
    public void addAcl(Uuid id, StandardAcl acl) {
        super.addAcl(id, acl);
        denials.add(id, acl);
    }

    @Override
    public void removeAcl(Uuid id) {
        super.removeAcl(id);
        denials.remove(id);
    }

    @Override
    public List<AuthorizationResult> authorize(AuthorizableRequestContext request, List<Action> actions) {
        if (Principals.isInside(request.principal())) {
            return Collections.nCopies(actions.size(), AuthorizationResult.ALLOWED);
        }
        Grants grants = grantsOf(request);
        List<AuthorizationResult> results = new ArrayList<>(actions.size());
        for (Action action : actions) {
            results.add(authorize(request, action, grants));
        }
        return results;
    }

    private AuthorizationResult authorize(AuthorizableRequestContext request, Action action, Grants grants) {
        AclOperation operation = action.operation();
        ResourcePattern resource = action.resourcePattern();
        if (ControlPlaneOnly.covers(request.requestType(), operation, resource)) {
            return AuthorizationResult.DENIED;
        }
        boolean createsTopic = resource.resourceType() == ResourceType.TOPIC && operation == AclOperation.CREATE;
        boolean granted = grants.allow(operation, resource.resourceType(), resource.name())
            || createsTopic && mayCreateAnyTopic(request, grants);
        if (granted && !denials.deny(request, operation, resource.resourceType(), resource.name())) {
            return AuthorizationResult.ALLOWED;
        }
        return super.authorize(request, List.of(action)).get(0);
    }

    /**
     * A controller that has just started may be asked what another broker's client wants before it knows
     * of any grant. It does not deny that: the broker hears that it asked the wrong one, and asks again.
     */
    private Grants grantsOf(AuthorizableRequestContext request) {
        Access access = Access.current();
        if (isControllers && !access.isKnown()) {
            throw new NotControllerException("this controller does not know yet who may do what");
        }
        return loaded ? access.grantsOf(request.principal().getName()) : Grants.NONE;
    }

    /** What CREATE on the cluster means to Kafka; asked for each topic here, since not every name is a tenant's. */
    private boolean mayCreateAnyTopic(AuthorizableRequestContext request, Grants grants) {
        if (grants.allow(AclOperation.CREATE, ResourceType.CLUSTER, Resource.CLUSTER_NAME)
            && !denials.deny(request, AclOperation.CREATE, ResourceType.CLUSTER, Resource.CLUSTER_NAME)) {
            return true;
        }
        var cluster = new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL);
        var create = new Action(AclOperation.CREATE, cluster, 1, false, false);
        return super.authorize(request, List.of(create)).get(0) == AuthorizationResult.ALLOWED;
    }

    /** Kafka's rule, for grants as for ALLOW ACLs: one of them counts, unless a DENY takes away all of what it names. */
    @Override
    public AuthorizationResult authorizeByResourceType(AuthorizableRequestContext request, AclOperation operation, ResourceType type) {
        if (Principals.isInside(request.principal())) {
            return AuthorizationResult.ALLOWED;
        }
        Patterns<Integer> grants = grantsOf(request).of(type);
        if (grants != null && grants.hasAny((pattern, name, operations) -> Grants.includes(operations, operation)
            && !denials.denyAll(request, operation, type, pattern, name))) {
            return AuthorizationResult.ALLOWED;
        }
        return super.authorizeByResourceType(request, operation, type);
    }

    @Override
    public void close() throws IOException {
        if (follower != null) {
            follower.close();
            keyUse.close();
        }
        super.close();
    }
}
