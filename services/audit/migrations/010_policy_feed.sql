-- Records of the policy's changes, which each broker follows and reads anew from the first when it starts. Other records cost
-- nothing by it.
create index entry_policy on entry (index) where kind = 7;
