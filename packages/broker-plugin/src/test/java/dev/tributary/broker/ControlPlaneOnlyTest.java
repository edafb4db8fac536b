package dev.tributary.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumSet;
import java.util.Set;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.Resource;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("What no tenant may do")
class ControlPlaneOnlyTest {
    private static boolean covers(ApiKeys request, AclOperation operation, ResourceType type, String name) {
        return ControlPlaneOnly.covers(request.id, operation, new ResourcePattern(type, name, PatternType.LITERAL));
    }

    @ParameterizedTest
    @DisplayName("of all that ALTER on the cluster covers, only ACLs are a tenant's")
    @EnumSource(ApiKeys.class)
    void alterCluster(ApiKeys request) {
        boolean isAboutAcls = request == ApiKeys.CREATE_ACLS || request == ApiKeys.DELETE_ACLS;
        assertEquals(!isAboutAcls, covers(request, AclOperation.ALTER, ResourceType.CLUSTER, Resource.CLUSTER_NAME));
    }

    @ParameterizedTest
    @DisplayName("cluster operations, whatever the request")
    @EnumSource(AclOperation.class)
    void clusterOperations(AclOperation operation) {
        Set<AclOperation> forTenants = EnumSet.of(
            AclOperation.CREATE, AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS, AclOperation.IDEMPOTENT_WRITE);
        assertEquals(!forTenants.contains(operation),
            covers(ApiKeys.METADATA, operation, ResourceType.CLUSTER, Resource.CLUSTER_NAME));
    }

    @ParameterizedTest
    @CsvSource({
        "__tributary_access,    READ,     true", "__tributary_access,  DESCRIBE, true",
        "__tributary_other,     CREATE,   true", "__consumer_offsets,  READ,     true",
        "__consumer_offsets,    DESCRIBE, false", "__consumer_offsets, DESCRIBE_CONFIGS, false", "__transaction_state, WRITE,    true",
        "__share_group_state,   DELETE,   true", "__cluster_metadata,  READ,     true",
        "__debezium-heartbeat.x, WRITE,   false", "orders,              DELETE,   false",
    })
    void topics(String name, AclOperation operation, boolean covered) {
        assertEquals(covered, covers(ApiKeys.METADATA, operation, ResourceType.TOPIC, name));
    }

    @Test
    @DisplayName("fence the control plane's own producer, join its groups, or touch delegation tokens")
    void transactionalIdsAndTokens() {
        assertEquals(true, covers(ApiKeys.INIT_PRODUCER_ID, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, "__tributary_access"));
        assertEquals(false, covers(ApiKeys.INIT_PRODUCER_ID, AclOperation.WRITE, ResourceType.TRANSACTIONAL_ID, "mine"));
        assertEquals(true, covers(ApiKeys.CREATE_DELEGATION_TOKEN, AclOperation.CREATE_TOKENS, ResourceType.USER, "u-1"));
        assertEquals(true, covers(ApiKeys.JOIN_GROUP, AclOperation.READ, ResourceType.GROUP, "__tributary_group"));
        assertEquals(false, covers(ApiKeys.JOIN_GROUP, AclOperation.READ, ResourceType.GROUP, "group"));
    }

    @ParameterizedTest
    @DisplayName("create a topic of any name, or the topics of a Streams group, because CREATE on the cluster was granted")
    @EnumSource(value = ApiKeys.class, names = {"CREATE_TOPICS", "STREAMS_GROUP_HEARTBEAT"})
    void createTopics(ApiKeys request) {
        assertEquals(true, covers(request, AclOperation.CREATE, ResourceType.CLUSTER, Resource.CLUSTER_NAME));
    }
}
