package dev.tributary.broker;

import java.io.IOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Reads the records of the access topic: {@code key/<id>} and {@code binding/<id>}, values in JSON. */
final class AccessRecords {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AccessRecords() { }

    /** Unknown kinds of records are left alone: a newer control plane may publish more than this plugin knows. */
    static void apply(Access.Builder access, String recordKey, byte[] value) throws IOException {
        if (value == null) {
            return;
        }
        String[] kindAndId = recordKey.split("/", 2);
        if (kindAndId.length != 2) {
            return;
        }
        String id = kindAndId[1];
        switch (kindAndId[0]) {
            case "key" -> access.put(id, apiKey(JSON.readTree(value)));
            case "binding" -> access.put(id, roleBinding(JSON.readTree(value)));
            default -> { }
        }
    }

    private static Access.ApiKey apiKey(JsonNode json) throws IOException {
        if (json.path("deleted").asBoolean()) {
            return new Access.ApiKey(revision(json), true, "", new byte[0], new byte[0]);
        }
        return new Access.ApiKey(revision(json), false, text(json, "owner"), json.get("salt").binaryValue(), json.get("hash").binaryValue());
    }

    private static Access.RoleBinding roleBinding(JsonNode json) throws IOException {
        if (json.path("deleted").asBoolean()) {
            return new Access.RoleBinding(revision(json), true, "", "", "");
        }
        return new Access.RoleBinding(revision(json), false, text(json, "principal"), text(json, "role"), text(json, "crn"));
    }

    private static long revision(JsonNode json) throws IOException {
        if (!json.path("revision").isIntegralNumber()) {
            throw new IOException("an access record without a revision");
        }
        return json.get("revision").longValue();
    }

    private static String text(JsonNode json, String field) throws IOException {
        if (!json.path(field).isTextual()) {
            throw new IOException("an access record without " + field);
        }
        return json.get(field).textValue();
    }
}
