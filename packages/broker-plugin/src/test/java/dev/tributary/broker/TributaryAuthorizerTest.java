package dev.tributary.broker;

import static org.apache.kafka.common.acl.AclOperation.ALL;
import static org.apache.kafka.common.acl.AclOperation.ALTER;
import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.acl.AclPermissionType.ALLOW;
import static org.apache.kafka.common.acl.AclPermissionType.DENY;
import static org.apache.kafka.common.resource.PatternType.LITERAL;
import static org.apache.kafka.common.resource.PatternType.PREFIXED;
import static org.apache.kafka.common.resource.ResourceType.CLUSTER;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.apache.kafka.common.ClusterResource;
import org.apache.kafka.common.Endpoint;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.AuthorizerNotReadyException;
import org.apache.kafka.common.errors.NotControllerException;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.metrics.internals.PluginMetricsImpl;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.metadata.authorizer.StandardAcl;
import org.apache.kafka.server.authorizer.Action;
import org.apache.kafka.server.authorizer.AuthorizationResult;
import org.apache.kafka.server.authorizer.AuthorizerServerInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A principal may do what a grant or an ALLOW says, unless a DENY says otherwise")
class TributaryAuthorizerTest {
    private static final String HOST = "10.0.0.1";

    private final TributaryAuthorizer authorizer = new TributaryAuthorizer();

    @BeforeEach
    void start() {
        authorizer.configure(Map.of("node.id", "1"));
        authorizer.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
        authorizer.completeInitialLoad();
    }

    @AfterEach
    void forget() {
        Access.replace(Access.EMPTY);
    }

    private void grant(ResourceType type, PatternType pattern, String name, AclOperation... operations) {
        int bits = 0;
        for (AclOperation operation : operations) {
            bits |= Grants.bit(operation);
        }
        Access.Builder access = Access.current().edit();
        access.put("rb-" + Uuid.randomUuid(),
            new Access.RoleBinding(1, false, "sa-1", List.of(new Grants.Grant(type, pattern, name, bits))));
        Access.replace(access.build());
    }

    private Uuid acl(AclPermissionType permission, String principal, String host, ResourceType type, PatternType pattern, String name, AclOperation operation) {
        Uuid id = Uuid.randomUuid();
        authorizer.addAcl(id, new StandardAcl(type, name, pattern, principal, host, operation, permission));
        return id;
    }

    private Uuid deny(ResourceType type, PatternType pattern, String name, AclOperation operation) {
        return acl(DENY, "User:sa-1", "*", type, pattern, name, operation);
    }

    private boolean may(ApiKeys request, AclOperation operation, ResourceType type, String name) {
        return may(ARequest.by("sa-1", HOST, request), operation, type, name);
    }

    private boolean may(ARequest request, AclOperation operation, ResourceType type, String name) {
        Action action = new Action(operation, new ResourcePattern(type, name, LITERAL), 1, false, false);
        return authorizer.authorize(request, List.of(action)).get(0) == AuthorizationResult.ALLOWED;
    }

    private boolean reads(String topic) {
        return may(ApiKeys.FETCH, READ, TOPIC, topic);
    }

    @Test
    void withoutEitherItMayNothing() {
        assertFalse(reads("orders"));
    }

    @Test
    void aGrantAllowsItsOperationsAndNoOthers() {
        grant(TOPIC, LITERAL, "orders", READ);
        assertTrue(reads("orders"));
        assertFalse(may(ApiKeys.METADATA, DESCRIBE, TOPIC, "orders"), "a grant implies nothing: DESCRIBE is listed");
        assertFalse(may(ApiKeys.PRODUCE, WRITE, TOPIC, "orders"));
        assertFalse(may(ARequest.by("sa-2", HOST, ApiKeys.FETCH), READ, TOPIC, "orders"));
    }

    @Test
    void anAllowAclImpliesWhatKafkaSays() {
        acl(ALLOW, "User:sa-1", "*", TOPIC, LITERAL, "orders", READ);
        assertTrue(may(ApiKeys.METADATA, DESCRIBE, TOPIC, "orders"));
    }

    @Test
    @DisplayName("the answers stand in the order of the questions")
    void several() {
        grant(TOPIC, LITERAL, "orders", READ);
        var actions = List.of("a", "orders", "b").stream()
            .map(name -> new Action(READ, new ResourcePattern(TOPIC, name, LITERAL), 1, false, false)).toList();
        assertEquals(List.of(AuthorizationResult.DENIED, AuthorizationResult.ALLOWED, AuthorizationResult.DENIED),
            authorizer.authorize(ARequest.by("sa-1", HOST, ApiKeys.METADATA), actions));
    }

    @Test
    void aDenyWinsOverAGrantUntilItGoes() {
        grant(TOPIC, PREFIXED, "", READ, WRITE, DESCRIBE);
        Uuid denial = deny(TOPIC, LITERAL, "orders", READ);
        assertFalse(reads("orders"));
        assertTrue(reads("orders-2"));
        assertTrue(may(ApiKeys.METADATA, DESCRIBE, TOPIC, "orders"), "a DENY of READ is none of DESCRIBE");
        authorizer.removeAcl(denial);
        assertTrue(reads("orders"));
    }

    @Test
    void aDenyConcernsWhatKafkaSaysItDoes() {
        grant(TOPIC, PREFIXED, "", READ);
        grant(GROUP, PREFIXED, "", READ);
        deny(TOPIC, PREFIXED, "or", ALL);
        assertFalse(reads("orders"));
        assertTrue(reads("o"));
        assertTrue(may(ApiKeys.JOIN_GROUP, READ, GROUP, "orders"));
        acl(DENY, "User:*", "*", TOPIC, LITERAL, "everyones", READ);
        assertFalse(reads("everyones"));
        acl(DENY, "User:sa-2", "*", TOPIC, LITERAL, "anothers", READ);
        assertTrue(reads("anothers"));
        acl(DENY, "User:sa-1", "10.0.0.2", TOPIC, LITERAL, "from-there", READ);
        assertTrue(reads("from-there"));
        acl(DENY, "User:sa-1", HOST, TOPIC, LITERAL, "from-here", READ);
        assertFalse(reads("from-here"));
        deny(TOPIC, LITERAL, "*", READ);
        assertFalse(reads("anything"));
        assertTrue(may(ApiKeys.JOIN_GROUP, READ, GROUP, "anything"));
    }

    @Test
    void aSnapshotOfAclsReplacesThem() {
        grant(TOPIC, PREFIXED, "", READ);
        deny(TOPIC, LITERAL, "orders", READ);
        Uuid id = Uuid.randomUuid();
        authorizer.loadSnapshot(Map.of(id, new StandardAcl(TOPIC, "others", LITERAL, "User:sa-1", "*", READ, DENY)));
        assertTrue(reads("orders"));
        assertFalse(reads("others"));
        authorizer.removeAcl(id);
        assertTrue(reads("others"));
    }

    @Test
    @DisplayName("before the ACLs are known no grant allows: one of them may deny it")
    void notLoaded() {
        var early = new TributaryAuthorizer();
        early.configure(Map.of("node.id", "1"));
        early.withPluginMetrics(new PluginMetricsImpl(new Metrics(), Map.of()));
        grant(TOPIC, PREFIXED, "", READ);
        Action action = new Action(READ, new ResourcePattern(TOPIC, "orders", LITERAL), 1, false, false);
        assertThrows(AuthorizerNotReadyException.class,
            () -> early.authorize(ARequest.by("sa-1", HOST, ApiKeys.FETCH), List.of(action)));
        assertThrows(AuthorizerNotReadyException.class,
            () -> early.authorizeByResourceType(ARequest.by("sa-1", HOST, ApiKeys.INIT_PRODUCER_ID), READ, TOPIC));
    }

    private record Listeners(Endpoint interBrokerEndpoint) implements AuthorizerServerInfo {
        static Listeners of(String name) {
            return new Listeners(new Endpoint(name, SecurityProtocol.SSL, "127.0.0.1", 1));
        }

        @Override
        public Collection<Endpoint> endpoints() {
            return List.of(interBrokerEndpoint);
        }

        @Override
        public ClusterResource clusterResource() {
            return new ClusterResource("lkc-1");
        }

        @Override
        public int brokerId() {
            return 1;
        }

        @Override
        public Collection<String> earlyStartListeners() {
            return List.of(interBrokerEndpoint.listener());
        }
    }

    @Test
    @DisplayName("a controller that knows of no grant yet denies nobody, and has the broker ask again")
    void notKnown() {
        authorizer.start(Listeners.of("CONTROLLER"));
        assertThrows(NotControllerException.class, () -> reads("orders"));
        Access.replaceIfUnknown(Access.EMPTY.edit().build());
        assertFalse(reads("orders"));
        grant(TOPIC, LITERAL, "orders", READ);
        assertTrue(reads("orders"));
    }

    @Test
    void theClustersMachineryMayEverything() {
        acl(DENY, "User:*", "*", TOPIC, LITERAL, "*", ALL);
        for (String type : List.of(Principals.BROKER, Principals.CONTROL_PLANE)) {
            var inside = new ARequest(new KafkaPrincipal(type, "lkc-1"), ARequest.by("x", HOST, ApiKeys.FETCH).clientAddress(), ApiKeys.FETCH);
            assertTrue(may(inside, READ, TOPIC, AccessFollower.TOPIC));
            assertEquals(AuthorizationResult.ALLOWED, authorizer.authorizeByResourceType(inside, WRITE, TOPIC));
        }
    }

    @Test
    void noGrantAndNoAclOpensWhatIsTheControlPlanes() {
        grant(TOPIC, PREFIXED, "", READ, WRITE, DESCRIBE);
        grant(CLUSTER, LITERAL, Resource.CLUSTER_NAME, ALTER, ALTER_CONFIGS);
        acl(ALLOW, "User:sa-1", "*", TOPIC, LITERAL, "*", ALL);
        acl(ALLOW, "User:sa-1", "*", CLUSTER, LITERAL, Resource.CLUSTER_NAME, ALL);
        assertFalse(reads(AccessFollower.TOPIC));
        assertFalse(may(ApiKeys.PRODUCE, WRITE, TOPIC, "__consumer_offsets"));
        assertFalse(may(ApiKeys.ALTER_PARTITION_REASSIGNMENTS, ALTER, CLUSTER, Resource.CLUSTER_NAME));
        assertFalse(may(ApiKeys.ALTER_CLIENT_QUOTAS, ALTER_CONFIGS, CLUSTER, Resource.CLUSTER_NAME));
        assertTrue(may(ApiKeys.CREATE_ACLS, ALTER, CLUSTER, Resource.CLUSTER_NAME));
    }

    @Test
    @DisplayName("CREATE on the cluster, granted or by an ACL, is CREATE on every topic that no DENY concerns")
    void createOnTheCluster() {
        assertFalse(may(ApiKeys.CREATE_TOPICS, CREATE, TOPIC, "orders"));
        Uuid allowed = acl(ALLOW, "User:sa-1", "*", CLUSTER, LITERAL, Resource.CLUSTER_NAME, CREATE);
        assertTrue(may(ApiKeys.CREATE_TOPICS, CREATE, TOPIC, "orders"));
        authorizer.removeAcl(allowed);
        grant(CLUSTER, LITERAL, Resource.CLUSTER_NAME, CREATE);
        assertTrue(may(ApiKeys.CREATE_TOPICS, CREATE, TOPIC, "orders"));
        assertFalse(may(ApiKeys.CREATE_TOPICS, CREATE, TOPIC, "__tributary_orders"));
        assertFalse(may(ApiKeys.CREATE_TOPICS, CREATE, CLUSTER, Resource.CLUSTER_NAME));
        deny(TOPIC, LITERAL, "denied", CREATE);
        assertFalse(may(ApiKeys.CREATE_TOPICS, CREATE, TOPIC, "denied"));
        deny(CLUSTER, LITERAL, Resource.CLUSTER_NAME, CREATE);
        assertFalse(may(ApiKeys.CREATE_TOPICS, CREATE, TOPIC, "orders"));
    }

    private boolean writesSomewhere() {
        return authorizer.authorizeByResourceType(ARequest.by("sa-1", HOST, ApiKeys.INIT_PRODUCER_ID), WRITE, TOPIC)
            == AuthorizationResult.ALLOWED;
    }

    @Test
    @DisplayName("whoever may write to any topic may be an idempotent producer")
    void byResourceType() {
        assertFalse(writesSomewhere());
        grant(GROUP, PREFIXED, "", WRITE);
        grant(TOPIC, LITERAL, "orders", READ);
        assertFalse(writesSomewhere());
        grant(TOPIC, LITERAL, "orders", WRITE);
        assertTrue(writesSomewhere());
    }

    @Test
    @DisplayName("unless a DENY covers all that each of its grants names")
    void byResourceTypeDominated() {
        grant(TOPIC, LITERAL, "orders", WRITE);
        Uuid literal = deny(TOPIC, LITERAL, "orders", WRITE);
        assertFalse(writesSomewhere());
        grant(TOPIC, PREFIXED, "orders", WRITE);
        assertTrue(writesSomewhere(), "orders-2 is left");
        Uuid prefix = deny(TOPIC, PREFIXED, "ord", ALL);
        assertFalse(writesSomewhere());
        grant(TOPIC, PREFIXED, "", WRITE);
        assertTrue(writesSomewhere(), "what does not begin with ord is left");
        Uuid everything = deny(TOPIC, LITERAL, "*", WRITE);
        assertFalse(writesSomewhere());
        for (Uuid denial : List.of(literal, prefix, everything)) {
            authorizer.removeAcl(denial);
        }
        assertTrue(writesSomewhere());
    }
}
