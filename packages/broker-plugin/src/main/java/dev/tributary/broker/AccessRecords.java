package dev.tributary.broker;

import java.io.IOException;
import java.util.Base64;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Reads the records of the access topic: {@code key/<id>} and {@code binding/<id>}, values in JSON. */
final class AccessRecords {
    private static final ObjectMapper JSON = new ObjectMapper();

    private AccessRecords() { }

    /**
     * Unknown kinds of records are left alone: a newer control plane may publish more than this plugin
     * knows. A record that can't be read throws an IOException and changes nothing.
     */
    static void apply(Access.Builder access, String recordKey, byte[] value) throws IOException {
        try {
            read(access, recordKey, value);
        } catch (IllegalArgumentException e) {
            throw new IOException("an access record whose bytes are not base64", e);
        }
    }

    private static void read(Access.Builder access, String recordKey, byte[] value) throws IOException {
        if (recordKey == null || value == null) {
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
        return new Access.ApiKey(revision(json), false, text(json, "owner"), bytes(json, "salt"), bytes(json, "hash"));
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

    private static byte[] bytes(JsonNode json, String field) throws IOException {
        return Base64.getDecoder().decode(text(json, field));
    }

    private static String text(JsonNode json, String field) throws IOException {
        if (!json.path(field).isTextual()) {
            throw new IOException("an access record without " + field);
        }
        return json.get(field).textValue();
    }
}
