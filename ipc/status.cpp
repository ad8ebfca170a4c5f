#include "ipc/status.hpp"

#include "ipc/status_fields.hpp"

namespace embedd::ipc {

nlohmann::json to_json(const Status& status)
{
    return FieldWriter::whole(status);
}

nlohmann::json to_json(const ModelStatus& model)
{
    return FieldWriter::whole(model);
}

nlohmann::json to_json(const WarmUpRecord& record)
{
    return FieldWriter::whole(record);
}

Result<Status> status_from_json(const nlohmann::json& json)
{
    return FieldReader::whole<Status>(json, Missing::keeps_default);
}

Result<WarmUpRecord> warm_up_record_from_json(const nlohmann::json& json)
{
    return FieldReader::whole<WarmUpRecord>(json, Missing::keeps_default);
}

} // namespace embedd::ipc
