package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.metadata.authorizer.StandardAuthorizer;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories of bindings and ACLs, and after each change every question: as one who looks at all of them answers it. */
@DisplayName("The authorizer answers as one that looks at every grant and every ACL")
class AuthorizerComparisonTest {
    private static final List<String> USERS = List.of("sa-1", "sa-2");
    private static final List<String> HOSTS = List.of("10.0.0.1", "10.0.0.2");
    private static final List<String> NAMES = List.of("a", "ab", "abc", "b", "hardcode", "__tributary_a");
    private static final List<String> PATTERN_NAMES = List.of("a", "ab", "abc", "h", "__tributary_a");
    private static final List<ResourceType> TYPES = List.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.CLUSTER);
    private static final List<AclOperation> OPERATIONS = List.of(
        AclOperation.READ, AclOperation.WRITE, AclOperation.CREATE, AclOperation.ALTER, AclOperation.DESCRIBE);
    private static final List<ApiKeys> REQUESTS = List.of(ApiKeys.METADATA, ApiKeys.CREATE_TOPICS, ApiKeys.CREATE_ACLS);

    private final TributaryAuthorizer authorizer = started(new TributaryAuthorizer());
    private final StandardAuthorizer kafka = started(new StandardAuthorizer());
    private final Map<Uuid, StandardAcl> acls = new LinkedHashMap<>();
    private int added;
    private final Map<String, Access.RoleBinding> bindings = new HashMap<>();

    private static <A extends StandardAuthorizer> A started(A authorizer) {
        authorizer.configure(Map.of("node.id", "1"));
        authorizer.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
        authorizer.completeInitialLoad();
        return authorizer;
    }

    @AfterEach
    void forget() {
        Access.replace(Access.EMPTY);
    }

    private static <T> T any(List<T> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whateverHappened(long seed) {
        Random random = new Random(seed);
        for (int change = 1; change <= 80; change++) {
            switch (random.nextInt(16)) {
                case 0, 1, 2 -> bind(random, change);
                case 3, 4 -> unbind(random, change);
                case 5, 6, 7, 8, 9, 10 -> add(randomAcl(random));
                case 11, 12, 13, 14 -> removeAny(random);
                default -> load(random);
            }
            compare("seed " + seed + ", change " + change);
        }
    }

    private void bind(Random random, int revision) {
        List<Grants.Grant> grants = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            ResourceType type = any(TYPES, random);
            PatternType pattern = random.nextInt(3) == 0 ? PatternType.PREFIXED : PatternType.LITERAL;
            String name = random.nextInt(4) == 0 ? "" : any(PATTERN_NAMES, random);
            int operations = Grants.bit(any(OPERATIONS, random)) | Grants.bit(any(OPERATIONS, random));
            grants.add(type == ResourceType.CLUSTER
                ? new Grants.Grant(type, PatternType.LITERAL, Resource.CLUSTER_NAME, operations)
                : new Grants.Grant(type, pattern, name, operations));
        }
        publish("rb-" + random.nextInt(6), new Access.RoleBinding(revision, false, any(USERS, random), grants));
    }

    private void unbind(Random random, int revision) {
        publish("rb-" + random.nextInt(6), Access.RoleBinding.deletion(revision));
    }

    private void publish(String id, Access.RoleBinding binding) {
        bindings.put(id, binding);
        Access.Builder next = Access.current().edit();
        next.put(id, binding);
        Access.replace(next.build());
    }

    private StandardAcl randomAcl(Random random) {
        ResourceType type = any(TYPES, random);
        PatternType pattern = random.nextInt(3) == 0 ? PatternType.PREFIXED : PatternType.LITERAL;
        String name = random.nextInt(6) == 0 ? "*" : any(PATTERN_NAMES, random);
        boolean cluster = type == ResourceType.CLUSTER;
        return new StandardAcl(
            type, cluster ? Resource.CLUSTER_NAME : name, cluster ? PatternType.LITERAL : pattern,
            "User:" + (random.nextInt(4) == 0 ? "*" : any(USERS, random)),
            random.nextInt(2) == 0 ? "*" : any(HOSTS, random),
            random.nextInt(5) == 0 ? AclOperation.ALL : any(OPERATIONS, random),
            random.nextInt(3) == 0 ? AclPermissionType.ALLOW : AclPermissionType.DENY);
    }

    private void add(StandardAcl acl) {
        if (!acls.containsValue(acl)) {
            Uuid id = new Uuid(0, ++added);
            acls.put(id, acl);
            authorizer.addAcl(id, acl);
            kafka.addAcl(id, acl);
        }
    }

    private void removeAny(Random random) {
        if (!acls.isEmpty()) {
            Uuid id = any(List.copyOf(acls.keySet()), random);
            acls.remove(id);
            authorizer.removeAcl(id);
            kafka.removeAcl(id);
        }
    }

    private void load(Random random) {
        acls.values().removeIf(acl -> random.nextInt(3) == 0);
        authorizer.loadSnapshot(Map.copyOf(acls));
        kafka.loadSnapshot(Map.copyOf(acls));
    }

    private void compare(String when) {
        for (String user : USERS) {
            for (String host : HOSTS) {
                for (ApiKeys type : REQUESTS) {
                    ARequest request = ARequest.by(user, host, type);
                    compare(request, when);
                    for (AclOperation operation : List.of(AclOperation.READ, AclOperation.WRITE)) {
                        assertEquals(mayAny(request, operation, ResourceType.TOPIC),
                            authorizer.authorizeByResourceType(request, operation, ResourceType.TOPIC) == AuthorizationResult.ALLOWED,
                            () -> when + ": " + user + " from " + host + " " + operation + " on any topic");
                    }
                }
            }
        }
    }

    private void compare(ARequest request, String when) {
        for (ResourceType type : TYPES) {
            for (String name : type == ResourceType.CLUSTER ? List.of(Resource.CLUSTER_NAME) : NAMES) {
                ResourcePattern resource = new ResourcePattern(type, name, PatternType.LITERAL);
                for (AclOperation operation : OPERATIONS) {
                    Action action = new Action(operation, resource, 1, false, false);
                    assertEquals(may(request, operation, resource),
                        authorizer.authorize(request, List.of(action)).get(0) == AuthorizationResult.ALLOWED,
                        () -> when + ": " + request + " " + operation + " on " + resource);
                }
            }
        }
    }

    private boolean may(ARequest request, AclOperation operation, ResourcePattern resource) {
        if (ControlPlaneOnly.covers(request.requestType(), operation, resource) || isDenied(request, operation, resource)) {
            return false;
        }
        var cluster = new ResourcePattern(ResourceType.CLUSTER, Resource.CLUSTER_NAME, PatternType.LITERAL);
        boolean createsTopic = resource.resourceType() == ResourceType.TOPIC && operation == AclOperation.CREATE;
        return isAllowed(request, operation, resource)
            || createsTopic && isAllowed(request, operation, cluster) && !isDenied(request, operation, cluster);
    }

    private boolean isAllowed(ARequest request, AclOperation operation, ResourcePattern resource) {
        for (Access.RoleBinding binding : bindings.values()) {
            for (Grants.Grant grant : binding.grants()) {
                if (binding.principal().equals(request.principal().getName()) && grant.allows(operation)
                    && grant.type() == resource.resourceType() && names(grant.pattern(), grant.name(), resource.name())) {
                    return true;
                }
            }
        }
        return acls.values().stream().anyMatch(acl -> acl.permissionType() == AclPermissionType.ALLOW
            && concerns(acl, request, resource) && implies(acl.operation(), operation));
    }

    private static boolean implies(AclOperation allowed, AclOperation asked) {
        return allowed == asked || allowed == AclOperation.ALL
            || asked == AclOperation.DESCRIBE && List.of(AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE, AclOperation.ALTER).contains(allowed)
            || asked == AclOperation.DESCRIBE_CONFIGS && allowed == AclOperation.ALTER_CONFIGS;
    }

    private boolean isDenied(ARequest request, AclOperation operation, ResourcePattern resource) {
        return acls.values().stream().anyMatch(acl -> acl.permissionType() == AclPermissionType.DENY
            && concerns(acl, request, resource) && (acl.operation() == operation || acl.operation() == AclOperation.ALL));
    }

    private static boolean concerns(StandardAcl acl, ARequest request, ResourcePattern resource) {
        return acl.resourceType() == resource.resourceType() && concerns(acl, request)
            && (isEverything(acl) || names(acl.patternType(), acl.resourceName(), resource.name()));
    }

    private static boolean concerns(StandardAcl acl, ARequest request) {
        return (acl.principal().equals("User:*") || acl.principal().equals(request.principal().toString()))
            && (acl.host().equals("*") || acl.host().equals(request.clientAddress().getHostAddress()));
    }

    private static boolean isEverything(StandardAcl acl) {
        return acl.patternType() == PatternType.LITERAL && acl.resourceName().equals("*");
    }

    private static boolean names(PatternType pattern, String patternName, String name) {
        return pattern == PatternType.PREFIXED ? name.startsWith(patternName) : name.equals(patternName);
    }

    /** A grant of which a DENY leaves something, or what Kafka makes of the ACLs alone. */
    private boolean mayAny(ARequest request, AclOperation operation, ResourceType type) {
        for (Access.RoleBinding binding : bindings.values()) {
            for (Grants.Grant grant : binding.grants()) {
                if (binding.principal().equals(request.principal().getName()) && grant.allows(operation)
                    && grant.type() == type && !isDominated(request, operation, grant)) {
                    return true;
                }
            }
        }
        return kafka.authorizeByResourceType(request, operation, type) == AuthorizationResult.ALLOWED;
    }

    private boolean isDominated(ARequest request, AclOperation operation, Grants.Grant grant) {
        return acls.values().stream().anyMatch(acl -> acl.permissionType() == AclPermissionType.DENY
            && acl.resourceType() == grant.type() && concerns(acl, request)
            && (acl.operation() == operation || acl.operation() == AclOperation.ALL)
            && (isEverything(acl)
                || acl.patternType() == PatternType.PREFIXED && grant.name().startsWith(acl.resourceName())
                || acl.patternType() == PatternType.LITERAL && grant.pattern() == PatternType.LITERAL && grant.name().equals(acl.resourceName())));
    }
}
