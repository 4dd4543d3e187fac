-- Posts a body and counts the answers that are not the same body; said at the end.
wrk.method = "POST"
wrk.body = string.rep("0123456789", 100)
wrong = 0
local all = {}

setup = function(thread)
  table.insert(all, thread)
end

response = function(status, headers, body)
  if body ~= wrk.body then
    wrong = wrong + 1
  end
end

done = function()
  for _, thread in ipairs(all) do
    io.write("wrong answers: ", thread:get("wrong"), "\n")
  end
end
