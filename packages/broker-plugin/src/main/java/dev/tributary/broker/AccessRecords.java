package dev.tributary.broker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/** The records of the access topic: {@code key/<id>} and {@code binding/<id>}, values in JSON. */
final class AccessRecords {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<ResourceType> TYPES =
        Set.of(ResourceType.TOPIC, ResourceType.GROUP, ResourceType.TRANSACTIONAL_ID, ResourceType.CLUSTER);
    private static final Set<PatternType> PATTERNS = Set.of(PatternType.LITERAL, PatternType.PREFIXED);
    /** A grant lists each operation: what Kafka adds later is not granted by what was written before. */
    private static final Set<AclOperation> NO_OPERATIONS = Set.of(AclOperation.UNKNOWN, AclOperation.ANY, AclOperation.ALL);

    private AccessRecords() { }

    /**
     * Unknown kinds of records are left alone: a newer control plane may publish more than this plugin
     * knows. A record that can't be read throws an IOException and changes nothing.
     */
    static void apply(Access.Builder access, String recordKey, byte[] value) throws IOException {
        if (recordKey != null && value != null) {
            apply(access, recordKey, JSON.readTree(value));
        }
    }

    static void apply(Access.Builder access, String recordKey, JsonNode value) throws IOException {
        try {
            read(access, recordKey, value);
        } catch (IllegalArgumentException e) {
            throw new IOException("an access record with a value that is not what it should be", e);
        }
    }

    private static void read(Access.Builder access, String recordKey, JsonNode value) throws IOException {
        String[] kindAndId = recordKey.split("/", 2);
        if (kindAndId.length != 2) {
            return;
        }
        String id = kindAndId[1];
        switch (kindAndId[0]) {
            case "key" -> access.put(id, apiKey(value));
            case "binding" -> access.put(id, roleBinding(value));
            default -> { }
        }
    }

    private static Access.ApiKey apiKey(JsonNode json) throws IOException {
        long revision = whole(json, "revision");
        if (json.path("deleted").asBoolean()) {
            return Access.ApiKey.deletion(revision);
        }
        long expiresMs = json.has("expires") ? whole(json, "expires") : Access.ApiKey.NEVER;
        return new Access.ApiKey(revision, false, text(json, "owner"), bytes(json, "salt"), bytes(json, "hash"), expiresMs);
    }

    private static Access.RoleBinding roleBinding(JsonNode json) throws IOException {
        long revision = whole(json, "revision");
        if (json.path("deleted").asBoolean()) {
            return Access.RoleBinding.deletion(revision);
        }
        List<Grants.Grant> grants = new ArrayList<>();
        for (JsonNode grant : list(json, "grants")) {
            grants.add(grant(grant));
        }
        return new Access.RoleBinding(revision, false, text(json, "principal"), List.copyOf(grants));
    }

    private static Grants.Grant grant(JsonNode json) throws IOException {
        ResourceType type = ResourceType.valueOf(text(json, "type"));
        PatternType pattern = PatternType.valueOf(text(json, "pattern"));
        int operations = 0;
        for (JsonNode name : list(json, "operations")) {
            AclOperation operation = AclOperation.valueOf(name.asText());
            if (NO_OPERATIONS.contains(operation)) {
                throw new IOException("a grant of " + operation);
            }
            operations |= Grants.bit(operation);
        }
        if (!TYPES.contains(type) || !PATTERNS.contains(pattern)) {
            throw new IOException("a grant on " + pattern + " " + type);
        }
        return new Grants.Grant(type, pattern, text(json, "name"), operations);
    }

    private static long whole(JsonNode json, String field) throws IOException {
        if (!json.path(field).isIntegralNumber()) {
            throw new IOException("an access record without " + field);
        }
        return json.get(field).longValue();
    }

    private static byte[] bytes(JsonNode json, String field) throws IOException {
        return Base64.getDecoder().decode(text(json, field));
    }

    private static String text(JsonNode json, String field) throws IOException {
        if (!json.path(field).isTextual()) {
            throw new IOException("an access record without " + field);
        }
        return json.get(field).textValue();
    }

    private static JsonNode list(JsonNode json, String field) throws IOException {
        if (!json.path(field).isArray()) {
            throw new IOException("an access record without " + field);
        }
        return json.get(field);
    }

    /** The records that would rebuild this state, as one object by record key. */
    static void write(JsonGenerator out, Access access) throws IOException {
        out.writeStartObject();
        for (Map.Entry<String, Access.ApiKey> key : access.apiKeys().entrySet()) {
            out.writeObjectFieldStart("key/" + key.getKey());
            write(out, key.getValue());
            out.writeEndObject();
        }
        for (Map.Entry<String, Access.RoleBinding> binding : access.roleBindings().entrySet()) {
            out.writeObjectFieldStart("binding/" + binding.getKey());
            write(out, binding.getValue());
            out.writeEndObject();
        }
        out.writeEndObject();
    }

    private static void write(JsonGenerator out, Access.ApiKey key) throws IOException {
        out.writeNumberField("revision", key.revision());
        if (key.deleted()) {
            out.writeBooleanField("deleted", true);
            return;
        }
        out.writeStringField("owner", key.owner());
        out.writeBinaryField("salt", key.salt());
        out.writeBinaryField("hash", key.hash());
        if (key.expiresMs() != Access.ApiKey.NEVER) {
            out.writeNumberField("expires", key.expiresMs());
        }
    }

    private static void write(JsonGenerator out, Access.RoleBinding binding) throws IOException {
        out.writeNumberField("revision", binding.revision());
        if (binding.deleted()) {
            out.writeBooleanField("deleted", true);
            return;
        }
        out.writeStringField("principal", binding.principal());
        out.writeArrayFieldStart("grants");
        for (Grants.Grant grant : binding.grants()) {
            out.writeStartObject();
            out.writeStringField("type", grant.type().name());
            out.writeStringField("name", grant.name());
            out.writeStringField("pattern", grant.pattern().name());
            out.writeArrayFieldStart("operations");
            for (AclOperation operation : AclOperation.values()) {
                if (grant.allows(operation)) {
                    out.writeString(operation.name());
                }
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
    }
}
